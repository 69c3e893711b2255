/** Moves an embedded installation to MongoDB: copied from where it was broken off, compared whole, and only then let go. */
import type { Config } from '../core/config.js';
import { fault } from '../core/errors.js';
import { inspectStores, waitingMessages } from '../store/embedded/inspect-store.js';
import { putMarker, removeMarker } from '../store/embedded/moved-marker.js';
import type { FoundInstallation } from '../store/mongodb/incoming-registry.js';
import { type MoveTarget, openMoveTarget } from '../store/mongodb/move-target.js';
import { type MoveSource, openMoveSource } from './move-source.js';
import { moveStages } from './move-stages.js';
import type { RowDifferences } from './row-differences.js';

export interface MigrateWish {
  /** Where the old installation and its master key are. */
  readonly config: Config;
  readonly to: { readonly url: string; readonly prefix: string };
  /** Drops what an earlier attempt has copied. */
  readonly beginAnew?: boolean;
  /** Moves an audit whose chains do not hold, as it is. */
  readonly brokenAudit?: boolean;
}

/** What the move is doing, for whoever shows it. */
export interface MoveWatch {
  /** A phase begins that goes over so many rows; without a number nobody knows how long it takes. */
  begin(phase: string, rows?: number): void;
  /** What it is at. */
  at(part: string): void;
  done(rows: number): void;
}

interface BrokenChain {
  readonly run: number;
  readonly number: number;
}

/** What is where, or would be. */
export interface MovePlan {
  readonly from: string;
  readonly to: string;
  readonly bytes: number;
  readonly parts: readonly { readonly part: string; readonly tenant?: string; readonly rows: number }[];
  readonly messages: Readonly<Record<'unsettled' | 'parked' | 'unmapped', number>>;
  readonly found: FoundInstallation['state'];
  /** Why it cannot be moved as it is. */
  readonly problems: readonly string[];
}

export interface ComparedPart extends RowDifferences {
  readonly part: string;
  readonly tenant?: string;
}

export interface MoveReport {
  readonly from: string;
  readonly to: string;
  readonly parts: readonly ComparedPart[];
  readonly audit: { readonly before: readonly BrokenChain[]; readonly after: readonly BrokenChain[] };
  readonly equal: boolean;
  /** Why differences are to be expected. */
  readonly notes: readonly string[];
}

/** Looks at both sides and changes neither. @throws Fault as `migrate` does for what cannot be opened */
export function planMove(wish: MigrateWish, watch: MoveWatch): Promise<MovePlan> {
  return between(wish, async (source, target) => {
    const { path } = source.folder;
    const found = await target.registry.look();
    const refusal = await refusalOf(source, target, found);
    const problems = refusal === undefined ? [] : [refusal];
    watch.begin('counting');
    const parts: MovePlan['parts'][number][] = [];
    for (const { tenant, parts: own } of moveStages(source, target)) {
      const of = tenant === undefined ? {} : { tenant };
      for (const part of own) parts.push({ part: part.name, ...of, rows: part.rows() });
    }
    watch.begin('looking through the audit');
    const broken = await source.brokenChains();
    if (broken.length > 0 && wish.brokenAudit !== true) problems.push(doesNotHold(broken));
    const bytes = inspectStores(path, 0).reduce((sum, store) => sum + store.bytes, 0);
    return { from: path, to: target.name, bytes, parts, messages: waitingMessages(path), found: found.state, problems };
  });
}

/**
 * Moves what is not yet there, compares all of it, and lets processes work with the new installation when both are equal.
 * @throws Fault `conflict` where the database holds something else, or one of the two has run since; `data-folder-locked`,
 * `data-folder-unusable`, `seal-broken`, `format-too-new`, `config-invalid`, `too-large`, `store-unavailable`
 */
export function migrate(wish: MigrateWish, watch: MoveWatch): Promise<MoveReport> {
  return between(wish, async (source, target) => {
    if (wish.beginAnew === true) await abandon(source, target);
    const found = await target.registry.look();
    const refusal = await refusalOf(source, target, found);
    if (refusal !== undefined) throw fault('conflict', refusal);
    watch.begin('looking through the audit');
    const broken = await source.brokenChains();
    if (broken.length > 0 && wish.brokenAudit !== true) throw fault('conflict', doesNotHold(broken));
    const marker = { to: target.name, at: 'origin' in found ? found.origin.begun : Date.now() };
    if (found.state !== 'moved') {
      if (found.state === 'nothing')
        await target.registry.begin({ source: source.id, runs: source.registry.runs, begun: marker.at });
      putMarker(source.folder.path, { state: 'moving', ...marker });
      await copyAll(source, target, watch);
    }
    const report = await compareAll(source, target, broken, watch);
    if (report.equal) {
      await target.registry.finish();
      putMarker(source.folder.path, { state: 'moved', to: target.name, at: Date.now() });
    }
    return report;
  });
}

/** Compares what was moved with what is there, and changes neither. @throws Fault `conflict` where nothing was moved there */
export function verifyMove(wish: MigrateWish, watch: MoveWatch): Promise<MoveReport> {
  return between(wish, async (source, target) => {
    const found = await target.registry.look();
    if (!('origin' in found) || found.origin.source !== source.id)
      throw fault('conflict', `nothing was moved from ${source.folder.path} to ${target.name}`);
    watch.begin('looking through the audit');
    const report = await compareAll(source, target, await source.brokenChains(), watch);
    return { ...report, notes: ranSince(source, found) };
  });
}

/** Both sides, opened, and closed in any case. */
async function between<T>(
  { config, to }: MigrateWish,
  work: (source: MoveSource, target: MoveTarget) => Promise<T>,
): Promise<T> {
  const source = openMoveSource(config);
  try {
    const target = await openMoveTarget({ ...to, keyOf: source.keyOf, auditKey: source.auditKey });
    try {
      return await work(source, target);
    } finally {
      await target.close();
    }
  } finally {
    source.close();
  }
}

/** Why the installation cannot move into what the database holds. */
async function refusalOf(
  source: MoveSource,
  target: MoveTarget,
  found: FoundInstallation,
): Promise<string | undefined> {
  if (found.state === 'other')
    return `${target.name}, holds ${found.what} that was not moved there: name another one with --prefix`;
  if (found.state === 'nothing') {
    for (const { id } of source.registry.tenants)
      if (!(await target.tenant(id).isEmpty()))
        return `${target.name}, is new, but tenant ${id} has a database already`;
    return undefined;
  }
  if (found.origin.source !== source.id)
    return `${target.name}, holds what was moved there from another installation: name another one with --prefix`;
  const [since] = ranSince(source, found);
  if (since === undefined) return undefined;
  if (found.state === 'moving') return `${since}: drop what was copied with --begin-anew`;
  return `the move to ${target.name} was ended before, and ${since}`;
}

function ranSince(source: MoveSource, found: Extract<FoundInstallation, { readonly runs: number }>): string[] {
  const { origin, runs, state } = found;
  return [
    ...(source.registry.runs === origin.runs ? [] : ['the old installation has run since']),
    ...(state === 'moving' || runs === origin.runs ? [] : ['the new installation has run since']),
  ];
}

/** Drops what was copied, unless anybody works with it. */
async function abandon(source: MoveSource, target: MoveTarget): Promise<void> {
  const found = await target.registry.look();
  if (!('origin' in found) || found.origin.source !== source.id) return;
  if (found.state === 'moved' && found.runs !== found.origin.runs)
    throw fault('conflict', `the new installation in ${target.name} has run: nobody drops it from here`);
  for (const { id } of source.registry.tenants) await target.tenant(id).drop();
  // last, for it tells whose the rest is
  await target.registry.drop();
  removeMarker(source.folder.path);
}

async function copyAll(source: MoveSource, target: MoveTarget, watch: MoveWatch): Promise<void> {
  watch.begin('counting');
  let left = 0;
  for (const { parts } of moveStages(source, target)) for (const part of parts) left += await part.left();
  watch.begin('copying', left);
  for (const { tenant, parts, finish } of moveStages(source, target)) {
    for (const part of parts) {
      watch.at(named(part.name, tenant));
      await part.copy((rows) => watch.done(rows));
    }
    watch.at(named('indexes', tenant));
    await finish();
  }
}

async function compareAll(
  source: MoveSource,
  target: MoveTarget,
  broken: readonly BrokenChain[],
  watch: MoveWatch,
): Promise<MoveReport> {
  let rows = 0;
  for (const { parts } of moveStages(source, target)) for (const part of parts) rows += part.rows();
  watch.begin('comparing', rows);
  const parts: ComparedPart[] = [];
  for (const { tenant, parts: own } of moveStages(source, target)) {
    const of = tenant === undefined ? {} : { tenant };
    for (const part of own) {
      watch.at(named(part.name, tenant));
      parts.push({ part: part.name, ...of, ...(await part.compare(() => watch.done(1))) });
    }
  }
  watch.begin('looking through the moved audit');
  const after = await target.audit.verify();
  const equal =
    parts.every(({ missing, extra, different }) => missing + extra + different === 0) &&
    after.every(({ run }) => broken.some((before) => before.run === run));
  return { from: source.folder.path, to: target.name, parts, audit: { before: broken, after }, equal, notes: [] };
}

function named(part: string, tenant: string | undefined): string {
  return tenant === undefined ? part : `${part} of tenant ${tenant}`;
}

function doesNotHold(broken: readonly BrokenChain[]): string {
  const places = broken.map(({ run, number }) =>
    run === 0 ? 'that of a whole run is missing' : `that of run ${run} from record ${number} on`,
  );
  return (
    `a chain of the audit does not hold (${places.join(', ')}): somebody changed it; ` +
    'find out who, or move it as it is with --broken-audit'
  );
}
