import type { Config } from '../../core/config.js';
import { Fault } from '../../core/errors.js';
import type { MongoInspection, PrimaryInspection } from '../../store/mongodb/inspect.js';
import type { IndexFault } from '../../store/mongodb/inspect-indexes.js';
import { counted } from '../counted.js';
import { area, type Finding, sizeOf, spanOf } from './finding.js';

const here = area('mongodb');

/** The oldest that is tested. */
const oldest = [6, 0] as const;

/** What a look at MongoDB says. */
export function judgeMongo(look: MongoInspection | Fault, { minFreeDisk }: Pick<Config, 'minFreeDisk'>): Finding[] {
  if (look instanceof Fault) return [here.problem(look.message, unreachable(look))];
  const { members, primary } = look;
  const found = [
    ...judgeMembers(members, primary),
    ...judgeClocks(
      'mongodb',
      members.flatMap(({ host, ahead }) => (ahead === undefined ? [] : [{ host, ahead }])),
    ),
  ];
  if (primary === undefined) return found;
  return [
    ...found,
    ...judgeVersion(primary.version),
    primary.majority === undefined
      ? here.ok('a write that a majority journals is confirmed')
      : here.problem(
          `${primary.majority.message}: no message can be acknowledged`,
          'start the members of the replica set that are away, or take them out of it',
        ),
    ...judgeFormats(primary),
    ...judgeIndexes(primary),
    ...judgeTenants(primary),
    ...judgeSpace(primary, minFreeDisk),
    ...primary.refused.map((what) =>
      here.warning(`this user may not read ${what}`, 'give it the roles that docs/operations.md names'),
    ),
  ];
}

function unreachable({ code, message }: Fault): string {
  if (code === 'config-invalid') return 'correct mongodb.url';
  if (message.includes('may not be used')) return 'correct user and password in mongodb.url, and its authSource';
  return 'start it, or correct mongodb.url; a firewall between may be the reason, too';
}

function judgeMembers(members: MongoInspection['members'], primary: PrimaryInspection | undefined): Finding[] {
  const said = members.map(({ host, state }) => `${host} ${state}`).join(', ');
  const todo = 'start it, or take it out of the replica set (rs.remove)';
  const found: Finding[] = [];
  if (members.some(({ state }) => state === 'router')) {
    return [
      here.problem(
        'mongos of a sharded cluster answers',
        'name a replica set: reads that wait for a majority are tested there only',
      ),
    ];
  }
  if (primary === undefined)
    found.push(here.problem(`no primary: ${said}`, 'start the members that are away; a majority of them elects one'));
  else if (primary.setName === undefined) {
    found.push(
      here.problem(
        'the server is in no replica set',
        'start mongod with --replSet, then rs.initiate(); one node is enough',
      ),
    );
  } else found.push(here.ok(`replica set ${primary.setName}: ${said}`));
  for (const { host, state } of members) {
    if (state === 'unreachable') found.push(here.warning(`${host} does not answer`, todo));
    if (state === 'other')
      found.push(
        here.warning(`${host} is neither primary nor secondary`, 'wait until it has caught up, or look at its log'),
      );
  }
  return found;
}

/** Clocks of servers against this machine's. */
export function judgeClocks(
  of: string,
  clocks: readonly { readonly host: string; readonly ahead: number }[],
): Finding[] {
  const clock = area(of);
  const todo = 'let both machines follow one time server (chrony, systemd-timesyncd)';
  const far = clocks.filter(({ ahead }) => Math.abs(ahead) >= 1_000);
  if (far.length === 0) return clocks.length === 0 ? [] : [clock.ok('clocks are less than a second apart')];
  return far.map(({ host, ahead }) => {
    const said = `the clock of ${host} is ${spanOf(Math.abs(ahead))} ${ahead > 0 ? 'ahead of' : 'behind'} this machine's`;
    return Math.abs(ahead) > 60_000 ? clock.problem(said, todo) : clock.warning(said, todo);
  });
}

function judgeVersion(version: string): Finding[] {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return [here.ok(`version ${version}`)];
  return [here.problem(`version ${version} is too old`, `use MongoDB ${oldest.join('.')} or newer`)];
}

function judgeFormats({ formats, installed }: PrimaryInspection): Finding[] {
  if (!installed) return [here.ok('nothing in it yet; made at the first start')];
  const newer = formats.filter(({ found, known }) => found > known);
  if (newer.length === 0) return [here.ok('formats are those of this program, or older')];
  return newer.map(({ of, found, known }) =>
    here.problem(
      `${of} has format ${found}, this program reads up to ${known}`,
      'run the newer Wardline that wrote it',
    ),
  );
}

const worst = 10;

function judgeIndexes({ indexes, installed }: PrimaryInspection): Finding[] {
  if (!installed) return [];
  if (indexes.length === 0) return [here.ok('indexes are as they are declared')];
  const found = indexes.slice(0, worst).map((one) => judgeIndex(one));
  const more = indexes.length - found.length;
  return more === 0 ? found : [...found, here.warning(`${more} more of the kind`, 'mend those above and look again')];
}

function judgeIndex({ database, collection, index, fault }: IndexFault): Finding {
  const name = `index ${index} of ${database}.${collection}`;
  const drop = `db.getSiblingDB(${JSON.stringify(database)}).getCollection(${JSON.stringify(collection)}).dropIndex(${JSON.stringify(index)})`;
  switch (fault) {
    case 'missing':
      return here.problem(
        `${name} is missing: what needs it is slow, or refused`,
        'restart one process: it makes it while all work',
      );
    case 'different':
      return here.problem(
        `${name} is another one than is declared`,
        `${drop}, then restart one process: it makes it anew`,
      );
    case 'building':
      return here.warning(`${name} is still being built`, 'wait; a member of the set that is away holds it up');
    case 'extra':
      return here.warning(
        `${name} is not Wardline's: each write pays for it`,
        `${drop}, unless you know what it is for`,
      );
  }
}

function judgeTenants({ tenants, databases, strays, installed }: PrimaryInspection): Finding[] {
  if (!installed) return [];
  const known = here.ok(`${counted(tenants, 'tenant')}, ${databases.length - strays.length} with data`);
  return [
    known,
    ...strays.map((name) =>
      here.warning(
        `database ${name} is of no tenant`,
        'keep a copy and drop it, if no other installation has this prefix',
      ),
    ),
  ];
}

function judgeSpace({ freeBytes }: PrimaryInspection, least: number): Finding[] {
  if (freeBytes === undefined) return [];
  const said = `${sizeOf(freeBytes)} free at the primary`;
  const todo = 'make room there: MongoDB stops when its disk is full';
  if (freeBytes < least) return [here.problem(said, todo)];
  return [freeBytes < least * 4 ? here.warning(said, todo) : here.ok(said)];
}
