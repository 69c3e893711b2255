import { Fault } from '../../core/errors.js';
import type { RedisInspection } from '../../queue/bullmq/inspect.js';
import { judgeClocks } from './check-mongodb.js';
import { area, type Finding, sizeOf } from './finding.js';

const here = area('redis');
const oldest = 7;

/** What a look at Redis says. It holds places of messages only: what it loses is found again in the archive, minutes later. */
export function judgeRedis(look: RedisInspection | Fault): Finding[] {
  if (look instanceof Fault) {
    const refused = look.message.includes('refuses');
    return [
      here.problem(look.message, refused ? 'correct user and password in redis.url' : 'start it, or correct redis.url'),
    ];
  }
  const { address, version, role, loading, scripts } = look;
  const found = [
    Number.parseInt(version, 10) >= oldest
      ? here.ok(`${address}, version ${version}`)
      : here.problem(`version ${version} is too old`, `use Redis ${oldest} or newer`),
    ...judgeClocks('redis', [{ host: address, ahead: look.ahead }]),
    ...judgeMemory(look),
    ...judgePersistence(look),
  ];
  if (role !== 'master')
    found.push(here.problem(`${address} is a replica and takes no writes`, 'name the one it follows in redis.url'));
  if (loading) found.push(here.warning('it is still reading its data', 'wait until it has'));
  if (!scripts)
    found.push(
      here.problem('this user may not run scripts (EVAL)', 'let the user run all commands on the keys of Wardline'),
    );
  return found;
}

function judgeMemory({ policy, mostMemory, usedMemory }: RedisInspection): Finding[] {
  const said =
    mostMemory === 0 ? `${sizeOf(usedMemory)} used, no limit` : `${sizeOf(usedMemory)} used of ${sizeOf(mostMemory)}`;
  const found = [
    policy === 'noeviction'
      ? here.ok('maxmemory-policy noeviction')
      : here.problem(
          `maxmemory-policy is ${policy}: work is dropped when memory is short`,
          'CONFIG SET maxmemory-policy noeviction, and in its file',
        ),
  ];
  if (mostMemory > 0 && usedMemory > mostMemory * 0.9)
    found.push(here.problem(said, 'raise maxmemory: a full Redis refuses work'));
  else found.push(here.ok(said));
  return found;
}

function judgePersistence({ appendOnly, appendSync, written }: RedisInspection): Finding[] {
  const todo = 'CONFIG SET appendonly yes, and in its file';
  const found = [
    appendOnly
      ? here.ok(`append-only file${appendSync === undefined ? '' : `, appendfsync ${appendSync}`}`)
      : here.warning('no append-only file: after a restart of Redis work waits until the sweep finds it', todo),
  ];
  if (!written) found.push(here.problem('its last write to disk failed', 'look at its log and its disk'));
  return found;
}
