/** Thread entry: takes messages from the queue all the way into FHIR. Alone it writes resources and settles. */
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../core/clock.js';
import { fault } from '../core/errors.js';
import { createLog } from '../core/log.js';
import { deriveKey } from '../core/seal.js';
import { sequenceName } from '../core/stamp.js';
import { serveCalls } from '../core/thread-rpc.js';
import { besideReplays } from '../engine/beside-replays.js';
import { explainMessage } from '../engine/explain.js';
import { type Prepared, prepareBatch } from '../engine/prepare-batch.js';
import { applyPrepared, type EngineParts } from '../engine/process-batch.js';
import { searchIndexOf } from '../engine/search-index.js';
import { sweep, sweepStragglers } from '../engine/sweep.js';
import { TenantContexts } from '../engine/tenant-contexts.js';
import { Turns } from '../engine/turns.js';
import { searchEdition } from '../fhir/search-values.js';
import type { WorkBatch } from '../queue/queue-port.js';
import { parkedByHand, type SettleOutcome } from '../store/archive-port.js';
import type { ToldMessage } from '../store/replay-board-port.js';
import { archiveKeys } from './archive-keys.js';
import { readAndCheck } from './mapping-files.js';
import { patientKey } from './patient-key.js';
import { PrepareAhead } from './prepare-ahead.js';
import { ReplayJobs } from './replay-jobs.js';
import { repeatEvery } from './schedule.js';
import { plainProfile } from './source-config.js';
import { TenantTroubles } from './tenant-troubles.js';
import type { MessageName, SettledNotice, TransformService, TransformThreadData } from './transform-service.js';
import { UnderWay } from './under-way.js';
import { UpgradeJobs } from './upgrade-jobs.js';
import { openWorkerStores, type WorkerLedger } from './worker-stores.js';

const batchSize = 200;
/**
 * Batches under way at a time. Over files one is applied while the next is prepared; over a network the thread would wait most of the
 * time for answers if there were not some.
 */
const underWayAtOnce = { embedded: 2, mongodb: 8 } as const;
/** Of these, how many read and write documents at a time: files are written by this very thread. */
const appliedAtOnce = { embedded: 1, mongodb: 8 } as const;
const mostQueued = 100_000;
const sweepEvery = 30_000;
/** Messages are looked for that stay unsettled from one look to the next; behind a queue of so many, less often. */
const stragglersEvery = 10_000;
const longQueue = 2_000;
const straggling = 180_000;
const lossEvery = 2_000;
const refreshEvery = 500;
/** What is wished of upgrades is looked at. */
const upgradeEvery = 3_000;
/** Milliseconds of rest for each that documents were indexed again: while messages wait, and while none do. */
const restPerWork = { busy: 3, idle: 0.5 };
/** Another process sweeps when the one that does so was silent for so long. */
const sweepLease = 10_000;

const { stores: choice, run, master, logLevel, suspicion, underWay } = workerData as TransformThreadData;
let { profiles } = workerData as TransformThreadData;
const log = createLog({ level: logLevel }).with({ part: 'transform' });

const stores = await openWorkerStores(choice);
const { registry, queue, resources } = stores;
const keys = archiveKeys(master);
let ledger: WorkerLedger | undefined;
let generation = -1;
let refreshed: Promise<void> = Promise.resolve();
let ending = false;
/** Sweeping is this process's: one does it for all. */
let sweeps = false;
/** The first sweep has brought everything to the queue. */
let swept = false;
const stops: (() => void)[] = [];

const contexts = new TenantContexts(master, registry);
const troubles = new TenantTroubles(log, systemClock.now);
const inHand = new UnderWay(underWay);
/** Parked by hand while the queue holds them, which would hand them out all the same. */
const setAside = new Set<string>();
const ahead = new PrepareAhead({ stores: choice, run, master, logLevel, profiles }, log);
/** Turns at the messages: one that is suspected is alone in hand. */
const hands = new Turns(underWayAtOnce[choice.kind]);
const turns = new Turns(appliedAtOnce[choice.kind]);
const replays = new ReplayJobs({
  dataFolder: choice.dataFolder,
  resources,
  turns,
  clock: systemClock,
  log,
  board: stores.replays,
  run,
  key: deriveKey(master, 'replay differences'),
  generation: () => generation,
  archive: opened,
  engine: parts,
  tenant: (id) => contexts.get(id),
});
const upgrades = new UpgradeJobs({
  ...{ registry, resources, run, log },
  code: { edition: searchEdition, indexOf: searchIndexOf },
  clock: systemClock,
  shared: choice.kind === 'mongodb',
  queueFormat: () => queue.format(),
  turn: (work) => turns.share(work),
  rest: async (took) => {
    const busy = (await queue.depth()) > 0;
    await new Promise((resolve) => setTimeout(resolve, took * (busy ? restPerWork.busy : restPerWork.idle)));
  },
});

function opened(): WorkerLedger {
  if (ledger === undefined) throw fault('store-unavailable', 'the archive is not open yet');
  return ledger;
}

function parts(): EngineParts {
  return {
    archive: opened(),
    resources,
    tenant: (id) => contexts.get(id),
    profile: (listener) => profiles[listener] ?? plainProfile,
    clock: systemClock,
    log,
  };
}

/** Takes over what changed in the registry, one time after another: a batch begins and ends with one mapping. */
function refresh(): Promise<void> {
  refreshed = refreshed.catch(() => undefined).then(refreshOnce);
  return refreshed;
}

async function refreshOnce(): Promise<void> {
  const now = await registry.generation();
  if (now === generation) return;
  const snapshot = await registry.snapshot();
  keys.update(snapshot);
  stores.learn(snapshot.tenants);
  await contexts.update(snapshot);
  generation = snapshot.generation;
}

/** A batch; what the threads before may have died of comes last, each message for itself. */
async function work(batch: WorkBatch): Promise<void> {
  const suspected = (message: MessageName): boolean => suspicion.alone.has(sequenceName(message));
  const killers = batch.sequences.filter((message) => suspicion.park.has(sequenceName(message)));
  for (const killer of killers) await park(killer, 'message-failed: the thread that applied it ended each time');
  const left = batch.sequences.filter((message) => !killers.includes(message));
  const together = left.filter((message) => !suspected(message));
  const alone = left.filter(suspected).map((message) => [message]);
  const during = (sequences: WorkBatch['sequences']) => () =>
    inHand.during(sequences, () => attempt({ ...batch, sequences }));
  if (together.length > 0) await hands.share(during(together));
  for (const sequences of alone) await hands.take(during(sequences));
}

async function attempt(batch: WorkBatch): Promise<void> {
  const started = performance.now();
  try {
    if (contexts.get(batch.tenant) === undefined) await refresh();
    const wanted = generation;
    const prepared = await ahead.prepare(batch, wanted);
    let repeated = 0;
    const settled = await turns.settling(async () => {
      const counts = (message: MessageName): boolean => !setAside.has(sequenceName(message));
      const sequences = batch.sequences.filter(counts);
      if (sequences.length === 0) return [];
      return besideReplays({ board: stores.replays, run }, batch.tenant, async (beside) => {
        if (generation < beside.generation) await refresh();
        // what was mapped before the mapping changed is mapped again: a turn begins and ends with one
        const usable = wanted !== generation ? undefined : prepared?.filter((one) => counts(placeOf(one)));
        const ready = usable ?? (await prepareBatch(parts(), { ...batch, sequences }));
        repeated = ready.filter((one) => one.repeated === true).length;
        await beside.announce(ready.map(toldOf));
        return applyPrepared(parts(), batch.tenant, ready);
      });
    });
    tell(settled, repeated, (performance.now() - started) / 1000);
    troubles.worked(batch);
  } catch (error) {
    troubles.failed(batch, error);
    throw error;
  }
}

function placeOf(one: Prepared): MessageName {
  return 'outcome' in one ? one.outcome.sequence : one.sequence;
}

function toldOf(one: Prepared): ToldMessage {
  const { run: ofRun, number } = placeOf(one);
  return { run: ofRun, number, keys: 'outcome' in one ? one.outcome.keys : one.keys };
}

/** Settles an unsettled message as parked. False when it is settled already. */
async function park(message: MessageName, reason: string): Promise<boolean> {
  const found = await opened().get(message);
  if (found === undefined || found.outcome !== undefined || found.row.tenant === null) return false;
  const { sequence, tenant } = found.row;
  const nothing = { eventTime: sequence.arrival, authority: 0, mappingVersion: 0, keys: [], made: [] };
  const parked: SettleOutcome = { tenant, sequence, state: 'parked', reason, ...nothing };
  await opened().settle([parked]);
  tell([parked], 0, 0);
  return true;
}

function tell(settled: readonly SettleOutcome[], repeated: number, seconds: number): void {
  const notice: SettledNotice = {
    settled: settled.map(({ sequence, state, reason }) => ({ sequence, state, reason })),
    ...{ repeated, seconds },
    written: writtenSince(),
  };
  parentPort?.postMessage(notice);
}

let counted: Readonly<Record<string, number>> = {};

function writtenSince(): Record<string, number> {
  const now = Object.entries(stores.written());
  const since = now.map(([kind, rows]): [string, number] => [kind, rows - (counted[kind] ?? 0)]);
  counted = Object.fromEntries(now);
  return Object.fromEntries(since);
}

async function sweepAll(): Promise<void> {
  const count = await sweep(opened(), queue, {
    most: mostQueued,
    wait: () => new Promise((resolve) => setTimeout(resolve, 100).unref()),
    stopped: () => ending || !sweeps,
  });
  if (count > 0) log.info('unsettled messages are queued again', { count });
}

async function askToSweep(): Promise<void> {
  try {
    sweeps = await registry.lease('sweep', `run ${run}`, sweepLease);
  } catch (error) {
    sweeps = false;
    throw error;
  }
}

let unsettledBefore: ReadonlySet<string> = new Set();
let looked = Number.NEGATIVE_INFINITY;

async function lookForStragglers(): Promise<void> {
  const now = performance.now();
  if (now - looked < straggling && (await queue.depth()) > longQueue) return;
  looked = now;
  unsettledBefore = await sweepStragglers(opened(), queue, unsettledBefore, (message) => inHand.holds(message));
}

/** The queue may have lost something, and nobody has swept since as far as this process knows. */
let lossKnown = false;

async function lookForLoss(): Promise<void> {
  if (await queue.lost()) lossKnown = true;
  if (!lossKnown || !sweeps || !swept) return;
  await sweepAll();
  lossKnown = false;
}

const service: TransformService = {
  check: async (sources, base, live) => readAndCheck(sources, base, live),
  async begin() {
    await refresh();
    await upgrades.begin();
    ledger = await stores.openLedger({ run, keyOf: keys.keyOf });
    await queue.consume(work, { batchSize, concurrency: underWayAtOnce[choice.kind] });
    stops.push(
      repeatEvery(refreshEvery, log, refresh),
      repeatEvery(sweepEvery, log, () => ahead.rest()),
      repeatEvery(sweepLease / 3, log, askToSweep),
      repeatEvery(sweepEvery, log, async () => {
        if (sweeps && (await queue.depth()) === 0) await sweepAll();
      }),
      repeatEvery(stragglersEvery, log, async () => {
        if (sweeps && swept) await lookForStragglers();
      }),
      repeatEvery(lossEvery, log, lookForLoss),
      repeatEvery(upgradeEvery, log, () => upgrades.step()),
    );
    await askToSweep();
    sweepAll()
      .catch((error: unknown) => log.error('the first sweep failed', { error }))
      .finally(() => {
        swept = true;
      });
  },
  async useProfiles(changed) {
    profiles = changed;
    ahead.useProfiles(changed);
  },
  refresh,
  enqueue: (items) => queue.enqueue(items),
  depth: () => queue.depth(),
  waiting: async () => troubles.list(),
  read: (sequences) => opened().read(sequences),
  settle: (outcomes) => opened().settle(outcomes),
  unsettled: (limit, after) => opened().unsettled(limit, after),
  list: (filter) => opened().list(filter),
  get: (sequence) => opened().get(sequence),
  release: (sequence) => {
    setAside.delete(sequenceName(sequence));
    return opened().release(sequence);
  },
  counts: (tenant) => opened().counts(tenant),
  bytes: (tenant) => opened().bytes(tenant),
  prunable: async (tenant, before, limit) => (await opened().prunable?.(tenant, before, limit)) ?? [],
  forget: async (ids) => opened().forget?.(ids),
  async explain(name, by) {
    const message = await opened().get(name);
    if (message === undefined) throw fault('not-found', 'no such message in the archive');
    const { row, outcome } = message;
    const context = row.tenant === null ? undefined : contexts.get(row.tenant);
    if (row.tenant === null || context === undefined)
      throw fault('not-found', 'the message has no tenant, so no mapping; `wardline messages assign` gives it one');
    const settledBy = by === 'settled' ? outcome?.mappingVersion : undefined;
    const version = settledBy || context.mapper.version;
    const mapping = await contexts.mapping(row.tenant, version);
    if (mapping === undefined) throw fault('not-found', `mapping version ${version} is not kept any more`);
    const { charset, zone } = profiles[row.listener] ?? plainProfile;
    return explainMessage(
      {
        mapping,
        version,
        names: context.names,
        options: {
          tenant: context.settings,
          arrival: row.sequence.arrival,
          ...(zone === undefined ? {} : { zone }),
        },
        ...(charset === undefined ? {} : { charset }),
      },
      message,
    );
  },
  park: (message) =>
    turns.take(async () => {
      const parked = await park(message, parkedByHand);
      if (parked) setAside.add(sequenceName(message));
      return parked;
    }),
  patientKey: (tenant, patient) => patientKey(opened(), contexts.get(tenant), tenant, patient),
  async startReplay(request, dry) {
    // the mapping that another process published a moment ago counts
    await refresh();
    return replays.start(request, dry);
  },
  replays: () => replays.list(),
  replay: (id) => replays.get(id),
  replayDifferences: (id) => replays.differences(id),
  stopReplay: (id) => replays.stop(id),
  upgradePlan: () => upgrades.plan(),
  startUpgrade: () => upgrades.start(),
  stopUpgrade: () => upgrades.stop(),
  async end() {
    ending = true;
    for (const stop of stops) stop();
    await replays.close();
    await upgrades.close();
    if (sweeps) await registry.lease('sweep', `run ${run}`, 0).catch(() => undefined);
    // what is under way ends with the queue, before its archive
    await queue.close();
    await ahead.end();
    await ledger?.close();
    await stores.close();
  },
};

if (parentPort !== null) serveCalls(parentPort, service);
