/** The disk of the embedded store fills up under load: senders are refused, nothing is lost, and it goes on when there is space. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { newSecret } from '../../src/auth/secrets.js';
import { adminClient } from '../../src/cli/admin-client.js';
import { eventually } from '../support/server-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { Ends } from './ends.js';
import { startFeeds } from './feed.js';
import { readShown } from './fhir-count.js';
import { Journal } from './journal.js';
import { judge } from './ledger.js';
import { becomes, type Scenario, seconds } from './scenario.js';
import { readyAt } from './topology.js';
import { type WardlineMember, wardlineMember } from './wardline-process.js';

const mib = 1024 * 1024;

export const diskFull: Scenario = async (log) => {
  const ends = new Ends();
  try {
    return await run(log, (end) => ends.before(end));
  } finally {
    await ends.run();
  }
};

async function run(log: (line: string) => void, after: (end: () => unknown) => void): ReturnType<Scenario> {
  const folder = temporaryFolder({ after });
  const data = join(folder, 'process');
  mkdirSync(data);
  const disk = smallDisk(data, after);
  log(disk.kind);
  const tenant = crypto.randomUUID();
  const client = { id: 'ledger', secret: newSecret() };
  writeFileSync(join(folder, 'client.secret'), client.secret, { mode: 0o600 });
  const configuration = {
    minFreeDisk: '8MiB',
    tenants: [{ id: tenant, name: 'Hospital', zone: 'Europe/London' }],
    clients: [{ id: client.id, tenants: [tenant], secretFile: join(folder, 'client.secret') }],
  };
  const senders = [1, 2].map((n) => ({ msh3: `T1F${n}`, tenant }));
  const member = await wardlineMember({
    ...{ folder, name: 'process', role: 'all', configuration, senders },
    ...(disk.under === undefined ? {} : { under: disk.under }),
  });
  after(() => member.process.end('SIGKILL'));
  member.process.start();
  await eventually(() => readyAt(member.ready), member.process, 120_000);

  const journal = new Journal();
  const feeds = startFeeds(journal, {
    ...{ tenants: [tenant], feedsPerTenant: 2, interval: 150, port: member.mllpPort, patience: 5_000 },
  });
  after(() => feeds.stop(0));
  const acknowledged = (): number =>
    journal.entries.filter(({ acknowledgedAt }) => acknowledgedAt !== undefined).length;
  const refused = (): number => journal.refused.get('AR') ?? 0;
  let [refusedEachTime, wentOn, longest] = [true, true, 0];
  for (const left of disk.fills) {
    const before = acknowledged();
    await becomes(() => acknowledged() > before + 20);
    disk.fill(left, member);
    log(left === 0 ? 'the disk is full' : 'less is free than there must be');
    const refusals = refused();
    refusedEachTime &&= await becomes(() => refused() > refusals + 5);
    await seconds(2);
    disk.free(member);
    const freed = performance.now();
    const then = acknowledged();
    wentOn &&= await becomes(() => acknowledged() > then + 5);
    longest = Math.max(longest, (performance.now() - freed) / 1000);
    log('there is space again, and messages are taken');
  }
  await feeds.stop(120_000);
  const states = await settledStates(member, journal);
  const sent = journal.sent();
  const publicUrl = `http://127.0.0.1:${member.httpPort}`;
  return {
    verdict: judge({ sent, archived: states, shown: await readShown(sent, { publicUrl, client }) }),
    seen: { 'senders were refused by AR each time': refusedEachTime, 'messages were taken again by itself': wentOn },
    figures: { refused: refused(), 'acknowledged again after there was space, s': longest.toFixed(1) },
  };
}

interface SmallDisk {
  readonly kind: string;
  /** Bytes that each fill leaves. */
  readonly fills: readonly number[];
  readonly under?: readonly [string, ...string[]];
  fill(left: number, member: WardlineMember): void;
  free(member: WardlineMember): void;
}

/** A file system of memory, where this user may mount one; else a limit on the size of each file of the process. */
function smallDisk(data: string, after: (end: () => unknown) => void): SmallDisk {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', data], { stdio: 'ignore' });
  } catch {
    return limitedFiles;
  }
  after(() => execFileSync('umount', ['--lazy', data]));
  const filler = join(data, 'filler');
  return {
    kind: 'a tmpfs of 64 MiB',
    fills: [0, 4 * mib, 0],
    fill(left) {
      const file = openSync(filler, 'w');
      try {
        for (;;) writeSync(file, Buffer.alloc(16 * 1024));
      } catch {
        // that is when it is full
      } finally {
        closeSync(file);
      }
      if (left > 0) execFileSync('truncate', ['--size', `-${left}`, filler]);
    },
    free: () => rmSync(filler),
  };
}

const limitedFiles: SmallDisk = {
  kind: 'no tmpfs may be mounted: a limit on the size of files',
  fills: [0],
  under: ['prlimit', '--fsize=unlimited:unlimited'],
  fill: (_, { process }) => setLimit(process.pid, '65536'),
  free: ({ process }) => setLimit(process.pid, 'unlimited'),
};

function setLimit(pid: number | undefined, soft: string): void {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${soft}:unlimited`]);
}

/** States by control id, once none is unsettled. */
async function settledStates(
  member: WardlineMember,
  journal: Journal,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const admin = adminClient(member.dataFolder);
  let states = new Map<string, string[]>();
  await becomes(async () => {
    states = new Map();
    let next: string | undefined;
    do {
      const page = await admin.call<Page>('GET', `/messages?limit=1000${next === undefined ? '' : `&before=${next}`}`);
      for (const { controlId, state } of page.messages)
        states.set(controlId, [...(states.get(controlId) ?? []), state]);
      next = page.next;
    } while (next !== undefined);
    const open = [...states.values()].flat().filter((state) => state === 'unsettled').length;
    return (
      open === 0 && journal.sent().every(({ message, acknowledged }) => !acknowledged || states.has(message.controlId))
    );
  });
  return states;
}

interface Page {
  readonly messages: readonly { readonly controlId: string; readonly state: string }[];
  readonly next?: string;
}
