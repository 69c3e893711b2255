import type { AdminClient } from '../admin-client.js';
import { type ProcessStatus, processTroubles } from '../process-lines.js';
import type { UpgradeStatus } from '../upgrade/upgrade-texts.js';
import { judgeDue } from './check-editions.js';
import { area, type Finding, spanOf } from './finding.js';

const here = area('system');
const backlog = area('messages');

/** What doctor reads of `GET /admin/v1/status`. */
export interface RunningStatus {
  readonly version: string;
  readonly ready: boolean;
  readonly startedAt: string;
  readonly listeners: readonly { readonly name: string; readonly host: string; readonly port: number }[];
  readonly processes: readonly ProcessStatus[];
  readonly threads: readonly { readonly name: string; readonly running: boolean; readonly ended: number }[];
  readonly queueDepth: number | null;
  /** Arrival of the oldest message that is not settled, ISO 8601. */
  readonly oldestUnsettled: string | null;
  /** Tenants whose messages wait for something that is missing or full. */
  readonly waiting?: readonly { readonly tenant: string; readonly since: string; readonly reason: string }[];
  /** Null where the store does not tell. */
  readonly freeBytes?: number | null;
  /** Why changed mapping files are not live. */
  readonly mappingProblems?: readonly string[];
  /** Left out by one that is older than editions. */
  readonly upgrade?: UpgradeStatus;
  /** Null while the thread that knows them is started anew. */
  readonly messages: Readonly<Record<string, number>> | null;
}

/** Asks the running system. Rejects with `not-reachable` when none answers. */
export async function checkRunning(admin: AdminClient, program: string, now: number): Promise<Finding[]> {
  return judgeStatus(await admin.call<RunningStatus>('GET', '/status'), program, now);
}

/** What a running system's status says. */
export function judgeStatus(status: RunningStatus, program: string, now: number): Finding[] {
  const { version, ready, startedAt, listeners, threads, messages } = status;
  const up = `version ${version}, up for ${spanOf(now - Date.parse(startedAt))}`;
  const stopped = threads.filter(({ running }) => !running).map(({ name }) => name);
  const found: Finding[] = [];
  if (ready) found.push(here.ok(`runs and is ready, ${up}`));
  else if (stopped.length > 0) {
    found.push(
      here.problem(`not ready: ${stopped.join(', ')} is being started anew`, 'look at the log for why it ended'),
    );
  } else found.push(here.problem('not ready: it is starting or stopping', 'ask again in a moment'));
  for (const other of status.processes.slice(1).filter((one) => one.version !== program)) {
    const said = `the ${other.role} process ${other.pid} on ${other.host} runs version ${other.version}, this program is ${program}`;
    found.push(here.warning(said, 'restart it to run the new version, when those before it in the upgrade are ready'));
  }
  for (const trouble of processTroubles(status.processes)) {
    found.push(here.problem(trouble, 'look at its log, and whether it still runs'));
  }
  if (version !== program) {
    found.push(
      here.warning(`version ${version} runs, this program is ${program}`, 'restart it to run the new version'),
    );
  }
  for (const { tenant, since, reason } of status.waiting ?? []) {
    found.push(
      here.problem(
        `messages of tenant ${tenant} wait since ${since}: ${reason}`,
        'mend that; they go on by themselves',
      ),
    );
  }
  if (status.freeBytes === null) {
    const todo = 'watch the disks of the store elsewhere: minFreeDisk is not kept';
    found.push(here.warning('the store does not tell how much disk is free', todo));
  }
  const [refused] = status.mappingProblems ?? [];
  if (refused !== undefined) {
    found.push(here.warning(`changed mapping files are not live: ${refused}`, 'wardline mapping check'));
  }
  const ended = threads.filter(({ running, ended: times }) => running && times > 0);
  for (const { name, ended: times } of ended) {
    found.push(
      here.warning(`the ${name} thread ended by itself ${times} times since the start`, 'look at the log for why'),
    );
  }
  found.push(
    here.ok(`listens on ${listeners.map(({ name, host, port }) => `${name} ${host}:${port}`).join(', ') || 'nothing'}`),
  );
  if (status.upgrade !== undefined) found.push(...judgeUpgrade(status.upgrade));
  found.push(area('stores').ok('in use by the running system; read through while it is stopped'));
  return [...found, ...judgeBacklog(status, now), ...(messages === null ? [] : judgeStates(messages))];
}

function judgeUpgrade({ job, ...editions }: UpgradeStatus): Finding[] {
  if (job === null) return judgeDue(editions);
  const upgrade = area('upgrade');
  const done = `${job.done} of ${job.documents} documents are indexed again`;
  if (job.state === 'running') return [upgrade.ok(`runs: ${done}`)];
  if (job.state === 'waiting')
    return [upgrade.warning(`waits: ${job.waitsFor.join('; ')}`, 'it goes on by itself when that is over')];
  const failed =
    job.state === 'failed'
      ? [upgrade.warning(`failed: ${job.error ?? ''}`, 'look at the log, and start it again')]
      : [];
  return [...failed, ...judgeDue(editions)];
}

function judgeBacklog({ queueDepth, oldestUnsettled }: RunningStatus, now: number): Finding[] {
  const age = oldestUnsettled === null ? 0 : now - Date.parse(oldestUnsettled);
  const said =
    oldestUnsettled === null
      ? 'nothing waits'
      : `${queueDepth ?? '?'} in the queue, the oldest message waits for ${spanOf(age)}`;
  const found = [
    age > 5 * 60_000
      ? area('queue').warning(said, '`wardline top` shows whether it gets shorter')
      : area('queue').ok(said),
  ];
  if (age < -60_000) {
    found.push(area('clock').problem('a message arrived in the future', 'set the clock of the server'));
  }
  return found;
}

/** Messages that need somebody, by state. */
export function judgeStates({
  parked = 0,
  unmapped = 0,
  rejected = 0,
  truncated = 0,
}: Readonly<Record<string, number>>): Finding[] {
  const found: Finding[] = [];
  const see = (state: string): string => `wardline messages list --state ${state}`;
  if (parked > 0)
    found.push(backlog.warning(`${parked} parked`, `${see('parked')}, mend the cause, then release them`));
  if (unmapped > 0) found.push(backlog.warning(`${unmapped} unmapped`, `${see('unmapped')}; a rule, then release`));
  if (rejected + truncated > 0) {
    found.push(
      backlog.warning(`${rejected} rejected, ${truncated} truncated`, `${see('rejected,truncated')}; tell the sender`),
    );
  }
  return found.length > 0 ? found : [backlog.ok('none parked, unmapped, rejected or truncated')];
}
