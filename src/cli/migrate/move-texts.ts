/** What `wardline migrate` says to people. */
import { isAbsolute, join, resolve } from 'node:path';
import type { ComparedPart, MigrateWish, MovePlan, MoveReport } from '../../app/migrate.js';
import { counted } from '../counted.js';
import { sizeOf } from '../doctor/finding.js';
import { printTable } from '../print-table.js';

export function planText({ from, to, bytes, parts, messages, found, problems }: MovePlan): string {
  const rows = parts.map(({ part, tenant = '', rows }) => [tenant, part, String(rows)]);
  const { unsettled, parked, unmapped } = messages;
  const begun = {
    nothing: 'nothing is there yet; all of it would be copied',
    moving: 'a move has begun; what is left would be copied',
    moved: 'it was moved already; both sides would be compared',
    other: 'something else is there',
  }[found];
  return [
    `from ${from} (${sizeOf(bytes)})\nto ${to}: ${begun}\n\n`,
    printTable(['TENANT', 'WHAT', 'ROWS'], rows),
    `\n${counted(unsettled, 'message')} unsettled, which the new installation processes; ${parked} parked, ${unmapped} unmapped\n`,
    ...problems.map((problem) => `problem: ${problem}\n`),
    problems.length === 0 ? 'nothing stands in the way\n' : '',
  ].join('');
}

export function reportText({ to, parts, audit, equal, notes }: MoveReport): string {
  const counts = parts.flatMap(({ part, tenant = '', counts: own }) =>
    own.map((count) => [count.tenant || tenant, part, count.group, String(count.before), String(count.after)]),
  );
  const hashes = parts.map((part) => [
    ...[part.tenant ?? '', part.part, part.hashes.before.slice(0, 32), part.hashes.after.slice(0, 32), judged(part)],
  ]);
  const differences = parts.flatMap(({ first, part, tenant }) =>
    first.map((one) => `${part}${tenant === undefined ? '' : ` of tenant ${tenant}`}: ${one}\n`),
  );
  const chains =
    audit.after.length === 0
      ? 'every chain of the audit holds\n'
      : `chains of the audit that do not hold: ${audit.after.length}; before the move: ${audit.before.length}\n`;
  return [
    printTable(['TENANT', 'WHAT', 'KIND', 'OLD', 'NEW'], counts),
    '\n',
    printTable(['TENANT', 'WHAT', 'SHA-256 OLD', 'SHA-256 NEW', ''], hashes),
    `\n${chains}`,
    ...differences,
    ...notes.map((note) => `note: ${note}, so that differences are to be expected\n`),
    equal ? `every row in ${to}, is as it was\n` : `what is in ${to}, differs\n`,
  ].join('');
}

function judged({ missing, extra, different }: ComparedPart): string {
  if (missing + extra + different === 0) return 'equal';
  return `${missing} missing, ${extra} extra, ${different} different`;
}

/** What the configuration of the new installation has to say. */
export function whatToState({ config, to }: MigrateWish): string {
  const { masterKey, dataFolder } = config;
  const stated = masterKey.file !== undefined || masterKey.env !== undefined;
  const file = masterKey.file ?? join(dataFolder, 'master.key');
  const key =
    masterKey.env === undefined
      ? `masterKey: { file: ${JSON.stringify(isAbsolute(file) ? file : resolve(file))} }`
      : `masterKey: { env: ${masterKey.env} }`;
  const advice = stated
    ? 'Each of its processes needs the same master key.'
    : 'Each of its processes needs the same master key: copy that file to where they can read it, mode 0600, and state its place.';
  return `
The new installation is ready. State in its wardline.yaml, beside what it says of listeners, tenants and clients:

  mongodb: { url: "\${MONGODB_URL}", prefix: ${to.prefix} }
  redis: { url: "\${REDIS_URL}" }
  ${key}

${advice}
What MONGODB_URL holds is the connection string that was given here. Keep ${dataFolder} until the new installation has run for a while;
moved.json in it keeps the old one from being started by mistake.
`;
}
