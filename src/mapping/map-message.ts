import type { TenantSettings } from '../core/tenant-settings.js';
import { toEpoch } from '../hl7/fhir-times.js';
import { Group, groupMessage } from '../hl7/grouping.js';
import type { Hl7Message } from '../hl7/message.js';
import type { Segment } from '../hl7/segment.js';
import { structureOf } from '../hl7/structures.js';
import { isKnownZone } from '../hl7/time-zones.js';
import { isTimestampFault, parseTimestamp, type Timestamp } from '../hl7/timestamps.js';
import { type CompiledMapping, type CompiledSet, setFor } from './compile.js';
import type { Diagnostic, IdentityFact, MappedMessage } from './draft.js';
import { assignKeys } from './keys.js';
import type { Build, CompiledMessage, Feed } from './message-compiler.js';
import { isFiltered, type MessageFilter } from './message-filter.js';
import { type Gathered, gatherPanels } from './panels.js';
import { everySegment, groupsMeant } from './read.js';
import { DraftBuilder, Run } from './run.js';
import { setReferences, setVisits } from './set-references.js';
import type { TraceSink } from './trace.js';
import { sayEvent } from './visit-compiler.js';

/** What a mapping goes by beside the message. */
export interface MapContext {
  readonly tenant: TenantSettings;
  /** IANA zones of local times; the sender's comes before the listener's, and that before the tenant's. */
  readonly senderZone?: string;
  readonly listenerZone?: string;
  /** Arrival, epoch ms: decides which reading of a repeated local hour an event time has. */
  readonly arrival?: number;
  readonly trace?: TraceSink;
  /** Whether builds marked `view` are made: what tells of the message itself (MessageHeader, Provenance) and is never stored. */
  readonly views?: boolean;
}

const minutes10 = 600_000;

/**
 * Maps one message: drafts with their keys, statements about visits and identity, diagnostics. Takes nothing but its arguments and
 * never throws on what a message holds.
 */
export function mapMessage(mapping: CompiledMapping, message: Hl7Message, context: MapContext): MappedMessage {
  const { header } = message;
  const sender = `${header.value(3)}|${header.value(4)}`;
  const set = setFor(mapping, sender);
  const { structure, event } = structureOf(message);
  const zone = zoneOf(context);
  const about = { structure, event, sender, eventTime: eventTimeOf(message, context) };
  const compiled = set.messages.get(structure);
  if (compiled === undefined) return { ...about, ...nothing, outcome: 'unmapped', reason: shownStructure(structure) };
  const grouped = groupMessage(message, compiled.grammar);
  const run = new Run(grouped, structure, event, context.tenant, zone, context.trace, set.events);
  const filter = filterOf(run, compiled, set);
  if (filter !== undefined) return { ...about, ...nothing, outcome: 'filtered', reason: filter };
  const snapshots: { readonly type: string; readonly rule: string }[] = [];
  const builds = context.views === true ? compiled.all : compiled.stored;
  for (const build of builds.list) {
    buildDrafts(run, build);
    for (const rule of build.snapshot) snapshots.push({ type: build.type, rule });
  }
  assignKeys(run, builds);
  setReferences(run, builds);
  setVisits(run, builds);
  const facts: IdentityFact[] = [];
  for (const fact of compiled.facts) fact(run, facts);
  const diagnostics = [...groupingDiagnostics(run), ...run.diagnostics];
  const { eventTime } = about;
  const { drafts } = run;
  const open = run.hollow ? undefined : run.open;
  return {
    ...{ outcome: 'mapped', reason: '', structure, event, sender, eventTime },
    ...{ drafts, facts, snapshots, diagnostics, open },
  };
}

/** A structure is named where it has the form of one: MSH-9 may hold anything. */
function shownStructure(structure: string): string {
  return /^[A-Z][A-Z0-9]{2}(_[A-Z0-9]{3})?$/.test(structure) ? structure : 'MSH-9 names no structure';
}

const nothing = { drafts: [], facts: [], snapshots: [], diagnostics: [], open: [] };

function filterOf(run: Run, message: CompiledMessage, set: CompiledSet): string | undefined {
  const passes = (filter: MessageFilter): boolean => isFiltered(run, filter);
  return (message.filters.find(passes) ?? set.filters.find(passes))?.id;
}

/** The zone of local times. */
function zoneOf({ senderZone, listenerZone, tenant }: MapContext): string | undefined {
  return [senderZone, listenerZone, tenant.zone].find((name) => name !== undefined && isKnownZone(name));
}

/**
 * EVN-2, else MSH-7, the one with a time of day first. A local time without any zone is read as UTC. All that a mapping takes of
 * the arrival; its reads are not noted (`watchPassing`), and no rule sees it.
 */
export function eventTimeOf(message: Hl7Message, context: MapContext): number | undefined {
  const zone = zoneOf(context);
  const { arrival } = context;
  const recorded = timeOf(message.first('EVN')?.valueUnnoted(2) ?? '');
  const sent = recorded !== undefined && hasClock(recorded) ? undefined : timeOf(message.header.valueUnnoted(7));
  const time = sent !== undefined && hasClock(sent) ? sent : (recorded ?? sent);
  return time === undefined
    ? undefined
    : toEpoch(time, zone ?? 'UTC', arrival === undefined ? undefined : arrival + minutes10);
}

function timeOf(text: string): Timestamp | undefined {
  const time = parseTimestamp(text);
  return isTimestampFault(time) ? undefined : time;
}

function hasClock({ precision }: Timestamp): boolean {
  return precision !== 'year' && precision !== 'month' && precision !== 'day';
}

interface Anchor {
  readonly group: Group;
  readonly segment: Segment;
}

function buildDrafts(run: Run, build: Build): void {
  const anchors = anchorsOf(run, build);
  if (anchors.length === 0) return;
  const { leading, within } = build.panels.length === 0 ? noPanels : panelsOf(run, build, anchors);
  let count = 0;
  for (const anchor of anchors) {
    if (within.has(anchor.segment)) continue;
    run.group = anchor.group;
    run.segment = anchor.segment;
    run.draft = undefined;
    if (build.when !== undefined && !build.when(run, undefined)) continue;
    const label = anchors.length > 1 ? `${build.as}[${++count}]` : build.as;
    const draft = new DraftBuilder(build.type, label, build.as, anchor.group, anchor.segment);
    run.draft = draft;
    fillDraft(run, build, draft, leading.get(anchor.segment));
    run.draft = undefined;
  }
}

interface PanelPlaces {
  /** The panel that begins with a segment. */
  readonly leading: ReadonlyMap<Segment, Gathered>;
  /** The other segments of panels: they make no draft of their own. */
  readonly within: ReadonlySet<Segment>;
}

const noPanels: PanelPlaces = { leading: new Map(), within: new Set() };

function panelsOf(run: Run, build: Build, anchors: readonly Anchor[]): PanelPlaces {
  const leading = new Map<Segment, Gathered>();
  const within = new Set<Segment>();
  for (const panel of gatherPanels(run, build.panels, anchors)) {
    const [first, ...others] = panel.members;
    if (first !== undefined) leading.set(first.segment, panel);
    for (const { segment } of others) within.add(segment);
  }
  return { leading, within };
}

function fillDraft(run: Run, build: Build, draft: DraftBuilder, panel: Gathered | undefined): void {
  const before = run.drafts.length;
  const pending = run.pending.length;
  for (const feed of build.feeds) {
    for (const segment of segmentsFor(run, draft, feed, build)) {
      run.segment = segment;
      run.group = run.grouped.groupOf(segment);
      feed.rules.run(run, undefined);
    }
  }
  run.segment = draft.segment;
  run.group = draft.group;
  if (panel !== undefined) panel.apply(run, draft);
  const said = draft.visit.length > 0 || draft.elements.some((element) => element.weak !== true);
  if (!said && build.deleted === undefined) {
    run.drafts.length = before;
    run.pending.length = pending;
    return;
  }
  if (draft.type === 'Encounter') sayEvent(run, draft);
  if (run.events.events.get(run.event)?.deleted === draft.type) draft.deleted = true;
  if (build.deleted?.(run, undefined) === true) draft.deleted = true;
  run.drafts.push(draft);
  if (draft.type === 'Patient') run.patients.push(draft);
  const named = run.named.get(draft.name);
  if (named === undefined) run.named.set(draft.name, [draft]);
  else named.push(draft);
}

/** Every segment of a name that belongs to a draft's place. A comment (NTE) belongs to what it follows alone, not to what lies within or around. */
function segmentsFor(
  run: Run,
  draft: DraftBuilder,
  { segment: name, group }: Pick<Feed, 'segment' | 'group'>,
  { notes, participants, outside }: Pick<Build, 'notes' | 'participants' | 'outside'>,
): readonly Segment[] {
  if (group !== undefined) {
    return groupsMeant(draft.group, group).flatMap((inner) => inner.segmentsNamed(name));
  }
  if (draft.segment.name === name) return [draft.segment];
  const followed = name === 'NTE' ? notes : name === 'PRT' ? participants : [];
  if (followed.length > 0) {
    return followed.flatMap((noted) =>
      segmentsFor(run, draft, { segment: noted, group: undefined }, { notes: [], participants: [], outside }).flatMap(
        (segment) => {
          run.segment = segment;
          run.group = run.grouped.groupOf(segment);
          return everySegment(run, name);
        },
      ),
    );
  }
  if (name === 'NTE') {
    run.segment = draft.segment;
    run.group = draft.group;
    return everySegment(run, name);
  }
  const own = draft.group.segmentsNamed(name);
  if (own.length > 0) return own;
  const below: Segment[] = [];
  addSegmentsBelow(draft.group, name, outside, below);
  if (below.length > 0) return below;
  run.segment = draft.segment;
  run.group = draft.group;
  const near = run.near(name);
  return near === undefined ? [] : [near];
}

function addSegmentsBelow(group: Group, name: string, outside: readonly string[], found: Segment[]): void {
  for (const inner of group.groups()) {
    if (outside.includes(inner.name)) continue;
    for (const segment of inner.segments) if (segment.name === name) found.push(segment);
    addSegmentsBelow(inner, name, outside, found);
  }
}

function anchorsOf(run: Run, build: Build): readonly Anchor[] {
  const { grouped } = run;
  const [only] = build.places;
  if (build.places.length === 1 && only?.segment !== undefined && only.group === undefined) {
    const found: Anchor[] = [];
    for (const segment of grouped.message.segments) {
      if (segment.name === only.segment) found.push({ group: grouped.groupOf(segment), segment });
    }
    return found;
  }
  const anchors = new Map<number, Anchor>();
  for (const { group: groupName, segment: name } of build.places) {
    const groups =
      groupName === undefined
        ? undefined
        : grouped.root.name === groupName
          ? [grouped.root]
          : grouped.groupsNamed(groupName);
    if (groups?.length === 0) continue;
    if (name === undefined) {
      for (const group of groups ?? []) {
        const segment = firstSegment(group);
        if (segment !== undefined) anchors.set(segment.index, { group, segment });
      }
    } else if (groups === undefined) {
      for (const segment of grouped.message.all(name))
        anchors.set(segment.index, { group: grouped.groupOf(segment), segment });
    } else {
      for (const group of groups)
        for (const segment of group.segmentsNamed(name)) anchors.set(segment.index, { group, segment });
    }
  }
  const found = [...anchors.values()];
  return found.length < 2 ? found : found.sort((a, b) => a.segment.index - b.segment.index);
}

function firstSegment(group: Group): Segment | undefined {
  const [first] = group.items;
  return first instanceof Group ? firstSegment(first) : first;
}

const groupingTexts = {
  unknown: 'the structure has no such segment; it was put into the nearest group',
  misplaced: 'the segment stands out of order; it was put into the nearest group that has it',
  missing: 'the structure requires it',
};

function groupingDiagnostics(run: Run): Diagnostic[] {
  return run.grouped.diagnostics.flatMap((found): Diagnostic[] => {
    if (found.code === 'local') return [];
    const severity = found.code === 'misplaced' ? 'warning' : 'information';
    const named = /^[A-Z][A-Z0-9]{2}$/.test(found.segment);
    const at = named ? `${found.segment} (line ${found.line})` : `line ${found.line}`;
    return [{ severity, code: `segment-${found.code}`, at, message: `${groupingTexts[found.code]} (${found.group})` }];
  });
}
