import type { GroupGrammar } from '../hl7/grammar.js';
import { eventNames, structureFor, structureNames } from '../hl7/structures.js';
import type { Library } from './library.js';
import { segmentProblem } from './path-check.js';
import { didYouMean, type Place } from './problem.js';

/** A structure is one that messages of some event have, or one of the site: `ADT_A01`, `ZDS_Z01`. */
export function checkStructure(name: string, place: Place, library: Library): void {
  if (/^Z|_Z/.test(name) || structureNames().has(name)) return;
  const [code = '', event = ''] = name.split('_');
  const meant = structureFor(code, event);
  const near =
    meant === undefined || !eventNames().has(event)
      ? didYouMean(name, structureNames())
      : `; ${code}^${event} has '${meant}'`;
  library.problems.add(place, `no message has the structure '${name}'${near}`);
}

/** Trigger events are those of the standard, or of the site: `A01`, `Z01`. */
export function checkEvent(name: string, place: Place, library: Library): void {
  if (/^Z/.test(name) || eventNames().has(name)) return;
  library.problems.add(place, `'${name}' is no trigger event${didYouMean(name, eventNames())}`);
}

/** The segments of a grammar must be known. */
export function checkGrammar(names: GrammarNames, place: Place, library: Library): void {
  for (const name of names.segments) {
    const problem = segmentProblem(name);
    if (problem !== undefined) library.problems.add(place, problem);
  }
}

/** What a grammar names. */
export interface GrammarNames {
  readonly groups: ReadonlySet<string>;
  readonly segments: ReadonlySet<string>;
}

export function namesOf(grammar: GroupGrammar): GrammarNames {
  const groups = new Set([grammar.name]);
  const segments = new Set<string>();
  const collect = (members: GroupGrammar['members']): void => {
    for (const member of members) {
      for (const option of member.kind === 'choice' ? member.options : [member]) {
        (option.kind === 'group' ? groups : segments).add(option.name);
        if (option.kind === 'group') collect(option.members);
      }
    }
  };
  collect(grammar.members);
  return { groups, segments };
}
