import type { JsonObject } from '../core/json.js';
import { typeModel } from '../fhir/definitions/type-model.js';
import { codeIn } from './codes.js';
import { runFills } from './fill.js';
import { compileFill } from './fill-compiler.js';
import type { Library } from './library.js';
import { compileReadText } from './read.js';
import { compileRegisterRule, type RegisterRule } from './register-compiler.js';
import type { Run } from './run.js';
import { readPath } from './source-compiler.js';
import { scalarOf, type YamlMap } from './yaml-tree.js';

/** Observations that are gathered into one with components. */
export interface Panel {
  readonly id: string;
  /** The codes of the members that must be there, in order: the first leads. */
  readonly members: readonly string[];
  readonly optional: readonly string[];
  /** The member's code, as sent or by the tenant's local codes. */
  readonly code: (run: Run) => string | undefined;
  /** What must be equal in all members. */
  readonly same: (run: Run) => string;
  /** Elements of the leading member that the panel has not. */
  readonly without: ReadonlySet<string>;
  readonly rules: readonly RegisterRule[];
  /** Makes a component of the segment the run stands at. */
  readonly component: (run: Run) => JsonObject | undefined;
}

/** Compiles the panels of some maps. */
export function compilePanels(files: readonly YamlMap[], maps: readonly string[], library: Library): Panel[] {
  const { reading } = library;
  const panels: Panel[] = [];
  for (const file of files) {
    for (const panel of reading.maps(file, 'panels')) {
      reading.object(panel, 'panel');
      const of = reading.required(panel, 'of');
      library.map(of, reading.placeOf(panel, 'of'));
      if (maps.includes(of)) panels.push(compilePanel(panel, library));
    }
  }
  return panels;
}

function compilePanel(panel: YamlMap, library: Library): Panel {
  const { reading } = library;
  const id = reading.required(panel, 'id');
  const url = reading.required(panel, 'code-in');
  const names = library.systemNames;
  const same = reading.texts(panel, 'same').flatMap(({ text, place }) => {
    const path = readPath(text, place, library);
    return path === undefined ? [] : [compileReadText(path)];
  });
  const model = typeModel('R4', 'Observation');
  const sets = reading.maps(panel, 'set');
  const componentName = reading.required(panel, 'component');
  const source = library.map(componentName, reading.placeOf(panel, 'component'));
  const componentModel = typeModel('R4', 'Observation.component');
  const fills = (source?.rules ?? []).map((rule) =>
    compileFill(rule, componentModel, 'Observation.component', library),
  );
  return {
    id,
    members: reading.texts(panel, 'members').map(({ text }) => text),
    optional: reading.texts(panel, 'optional').map(({ text }) => text),
    code: (run) => codeIn(run, run.segment.node(3), names, url),
    same: (run) => same.map((read) => read(run, undefined)).join('|'),
    without: new Set([
      ...reading.texts(panel, 'without').map(({ text }) => text),
      ...sets.map((rule) => reading.required(rule, 'to')),
    ]),
    rules:
      model === null
        ? []
        : sets.map((rule, index) => compileRegisterRule(named(rule, id, index), 'panels', model, library)),
    component: (run) => {
      const object: JsonObject = {};
      return runFills(fills, run, undefined, object, false) ? object : undefined;
    },
  };
}

function named(rule: YamlMap, panel: string, index: number): YamlMap {
  const entries = new Map(rule.entries);
  entries.set('id', {
    place: rule.place,
    value: scalarOf(rule.place, `${panel}.${index + 1}`),
  });
  return { kind: 'map', place: rule.place, entries };
}
