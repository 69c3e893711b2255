import type { Json } from '../core/json.js';
import { type TypeModel, typeModel } from '../fhir/definitions/type-model.js';
import { toEpoch, toFhirDateTime } from '../hl7/fhir-times.js';
import { isTimestampFault, parseTimestamp } from '../hl7/timestamps.js';
import type { ValueNode } from '../hl7/value-node.js';
import type { Test } from './condition-function.js';
import type { DraftElement, VisitStatement } from './draft.js';
import { idOf } from './layers.js';
import type { Library } from './library.js';
import { checkEvent } from './message-name.js';
import { didYouMean } from './problem.js';
import type { RegisterRule } from './register-compiler.js';
import type { DraftBuilder, Run } from './run.js';
import { compileSource, compileWhen, type Source } from './source-compiler.js';
import { parseTarget } from './target-path.js';
import { compileMaker } from './value-compiler.js';
import type { YamlMap } from './yaml-tree.js';

type StatementKind = 'state' | 'class' | 'place';
const targets: Readonly<Record<StatementKind, string>> = { state: 'status', class: 'class', place: 'location' };

/** What an event says of a visit. */
interface EventRule {
  readonly sets: ReadonlySet<string>;
  readonly state: string | undefined;
  /** The state counts only where the one before it is one of these. */
  readonly after: readonly string[] | undefined;
  readonly at: Source | undefined;
  /** Rules whose elements the event sets until it is cancelled. */
  readonly takes: ReadonlySet<string>;
  /** Rules that say nothing under this event: a cancel may repeat what it takes back. */
  readonly ignores: ReadonlySet<string>;
  readonly cancels: readonly string[];
  readonly newest: boolean;
  readonly deletes: readonly string[];
  /** Resource type that the event deletes. */
  readonly deleted: string | undefined;
}

interface UpdateRule {
  readonly when: Test | undefined;
  readonly state: string;
  readonly at: Source | undefined;
}

/** `mappings/events.yaml` compiled. */
export interface EventRules {
  readonly events: ReadonlyMap<string, EventRule>;
  readonly updates: readonly UpdateRule[];
}

const states: readonly string[] = [
  'unknown',
  'planned',
  'arrived',
  'triaged',
  'in-progress',
  'onleave',
  'finished',
  'cancelled',
];

/** Compiles what events say. */
export function compileEvents(files: readonly YamlMap[], library: Library): EventRules {
  const { reading, problems } = library;
  const events = new Map<string, EventRule>();
  const updates: UpdateRule[] = [];
  const encounter = typeModel('R4', 'Encounter');
  for (const file of files) {
    for (const [name, entry] of reading.map(file.entries.get('events')?.value, 'events')?.entries ?? []) {
      const rule = reading.map(entry.value, `event ${name}`);
      checkEvent(name, entry.place, library);
      if (rule === undefined) continue;
      reading.object(rule, 'event');
      const deletes = reading.texts(rule, 'deletes');
      const after = reading.texts(rule, 'after');
      for (const { text, place } of after) {
        if (!states.includes(text)) problems.add(place, `'${text}' is no state of a visit${didYouMean(text, states)}`);
      }
      const cancels = reading.texts(rule, 'cancels');
      for (const { text, place } of cancels) checkEvent(text, place, library);
      for (const { text, place } of deletes) if (encounter !== null) parseTarget(text, encounter, place, problems);
      events.set(name, {
        sets: new Set(reading.texts(rule, 'sets').map(({ text }) => text)),
        state: reading.text(rule, 'state'),
        after: rule.entries.has('after') ? after.map(({ text }) => text) : undefined,
        at: rule.entries.has('at') ? compileSource(rule, library, 'at') : undefined,
        takes: ruleNames(rule, 'takes', library),
        ignores: ruleNames(rule, 'ignores', library),
        cancels: cancels.map(({ text }) => text),
        newest: reading.flag(rule, 'newest'),
        deletes: deletes.map(({ text }) => text),
        deleted: reading.text(rule, 'deleted'),
      });
    }
    for (const rule of reading.maps(file, 'updates')) {
      reading.object(rule, 'update');
      updates.push({
        when: compileWhen(rule, library),
        state: reading.required(rule, 'state'),
        at: rule.entries.has('at') ? compileSource(rule, library, 'at') : undefined,
      });
    }
  }
  return { events, updates };
}

/** Full names of rules of an Encounter that a key lists. */
function ruleNames(rule: YamlMap, key: string, library: Library): ReadonlySet<string> {
  const known = [...library.maps.values()]
    .filter(({ target }) => target === 'Encounter')
    .flatMap(({ name, rules }) => rules.map((each) => `${name}/${idOf(each)}`));
  const names = library.reading.texts(rule, key);
  for (const { text, place } of names) {
    if (!known.includes(text)) library.problems.add(place, `there is no rule '${text}'${didYouMean(text, known)}`);
  }
  return new Set(names.map(({ text }) => text));
}

/** Compiles a rule with `says`: a statement of class or place, by the event or at the rank of an update. */
export function compileStatement(rule: YamlMap, model: TypeModel, library: Library): RegisterRule {
  const { reading, problems } = library;
  const says = reading.required(rule, 'says');
  const kind = says === 'state' || says === 'class' || says === 'place' ? says : undefined;
  if (kind === undefined || model.name !== 'Encounter') {
    const message =
      kind === undefined
        ? `says is state, class or place${didYouMean(says, Object.keys(targets))}`
        : 'says is for Encounter';
    problems.add(reading.placeOf(rule, 'says'), message);
    return () => false;
  }
  const target = parseTarget(targets[kind], model, rule.place, problems);
  if (target === undefined) return () => false;
  const source = compileSource(rule, library);
  const { make } = compileMaker(rule, target, source, library);
  const at = rule.entries.has('at') ? compileSource(rule, library, 'at') : undefined;
  return (run, node) => {
    const from = source.one(run, node);
    const value = from === undefined ? undefined : make(run, from);
    const { draft } = run;
    if (value === undefined || draft === undefined) return false;
    const event = run.events.events.get(run.event);
    const update = event === undefined || !event.sets.has(kind);
    state(run, draft, kind, update, at ?? (update ? undefined : event?.at), value);
    run.trace?.made(draft.label, targets[kind]);
    return true;
  };
}

function state(
  run: Run,
  draft: DraftBuilder,
  kind: StatementKind,
  update: boolean,
  at: Source | undefined,
  value: Json,
  after?: readonly string[],
): void {
  const time = timeAt(run, at);
  const atText = time.text ?? (update ? undefined : eventText(run));
  const said = { kind, event: run.event, update, at: time.at, atText, value };
  draft.visit.push(after === undefined ? said : { ...said, after });
}

function timeAt(
  run: Run,
  source: Source | undefined,
  node?: ValueNode,
): { readonly at: number | undefined; readonly text: string | undefined } {
  const text = source?.text(run, node) ?? '';
  const time = parseTimestamp(text);
  if (isTimestampFault(time)) return { at: undefined, text: undefined };
  return { at: toEpoch(time, run.zone ?? 'UTC'), text: toFhirDateTime(time, run.zone).text };
}

/** Adds to a visit's draft what the message's event says of it: its state, what it cancels and deletes. */
export function sayEvent(run: Run, draft: DraftBuilder): void {
  run.trace?.enter(`events/${run.event}`);
  const said = draft.visit.length;
  stateOfEvent(run, draft);
  if (draft.visit.length > said) run.trace?.made(draft.label, targets.state);
  run.trace?.leave();
}

function stateOfEvent(run: Run, draft: DraftBuilder): void {
  const event = run.events.events.get(run.event);
  if (event !== undefined) {
    if (event.deleted === 'Encounter') draft.deleted = true;
    takeElements(run, draft, event);
    if (event.state !== undefined) state(run, draft, 'state', false, event.at, event.state, event.after);
    if (event.cancels.length > 0) {
      const { at } = timeAt(run, event.at);
      const cancel: VisitStatement = {
        kind: 'cancel',
        event: run.event,
        cancels: event.cancels,
        newest: event.newest,
        at,
      };
      draft.visit.push(cancel);
    }
    for (const path of event.deletes) {
      if (draft.taken.includes(path)) continue;
      const element: DraftElement = { kind: 'single', path, rule: `events/${run.event}`, item: '', value: null };
      draft.elements.push(element);
    }
    if (event.cancels.length > 0) return;
  }
  for (const update of run.events.updates) {
    if (update.state === event?.state) continue;
    if (update.when !== undefined && !update.when(run, undefined)) continue;
    state(run, draft, 'state', true, update.at, update.state);
  }
}

/** What the event sets until it is cancelled becomes a statement of the event; what it only repeats is left out. */
function takeElements(run: Run, draft: DraftBuilder, { at, takes, ignores }: EventRule): void {
  if (takes.size === 0 && ignores.size === 0) return;
  const elements = draft.elements.splice(0);
  const time = timeAt(run, at).at;
  for (const element of elements) {
    if (takes.has(element.rule)) draft.visit.push({ kind: 'element', event: run.event, at: time, element });
    else if (!ignores.has(element.rule)) draft.elements.push(element);
  }
}

/** When the event happened, as the message wrote it: what a statement shows that has no time of its own. */
function eventText(run: Run): string | undefined {
  const { message } = run.grouped;
  for (const text of [message.first('EVN')?.value(2) ?? '', message.header.value(7)]) {
    const time = parseTimestamp(text);
    if (!isTimestampFault(time) && !['year', 'month', 'day'].includes(time.precision))
      return toFhirDateTime(time, run.zone).text;
  }
  return undefined;
}
