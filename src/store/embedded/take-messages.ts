/**
 * Brings messages of the same installation into its restored archive, under the numbers that they have: those that an archive holds
 * which outlived the backup. They are unsettled then, and applied like any other; what persons decided about them is taken along.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fault } from '../../core/errors.js';
import { numberOf, runOf } from '../archive-ids.js';
import { parkedByHand, type SettleOutcome, type SettleState } from '../archive-port.js';
import type { TakenMessages } from '../backup/taken-messages.js';
import { archivedMonths, openMonth, states } from './archive-files.js';
import { addToTally } from './archive-tally.js';
import { type Database, openDatabase, type SqlRow } from './open-database.js';
import { openNumber, openRun } from './open-ranges.js';
import { SettleLedger } from './settle-ledger.js';

const page = 1000;

/**
 * From the archive folder `from` into that of `to`, which nobody works on. `tenants`: those that the restored registry knows.
 * May be run again: what is there already is left alone.
 * @throws Fault `conflict` for another installation's archive, `store-corrupt`
 */
export async function takeMessages(
  from: string,
  to: string,
  tenants: ReadonlySet<string>,
  told: (done: number) => void,
): Promise<TakenMessages> {
  const result: TakenMessages = { taken: 0, known: 0, ofUnknownTenants: 0, released: 0 };
  const ledger = new SettleLedger(join(to, 'settle.db'));
  try {
    for (const month of archivedMonths(from)) {
      const source = openMonth(from, month, { readOnly: true });
      const target = openMonth(to, month, { durability: 'full' });
      try {
        await takeMonth(source, target, ledger, tenants, result, told);
      } finally {
        source.close();
        target.close();
      }
    }
    takeDecisions(from, ledger, result);
    return result;
  } finally {
    ledger.close();
  }
}

async function takeMonth(
  source: Database,
  target: Database,
  ledger: SettleLedger,
  tenants: ReadonlySet<string>,
  result: TakenMessages,
  told: (done: number) => void,
): Promise<void> {
  for (let after = -1; ; ) {
    const rows = source.all(`SELECT id, tenant, repeat FROM message WHERE id > ? ORDER BY id LIMIT ${page}`, after);
    const last = rows.at(-1);
    if (last === undefined) return;
    after = Number(last.id);
    const fresh = rows.filter((row) => {
      if (isThere(target, row)) result.known++;
      else if (row.tenant !== '' && !tenants.has(String(row.tenant))) result.ofUnknownTenants++;
      else return true;
      return false;
    });
    if (fresh.length > 0) {
      // open before they are there: a message that nobody looks for would be lost, an open number without one costs nothing
      ledger.db.transaction(() => {
        for (const { id } of fresh) {
          openRun(ledger.db, runOf(Number(id)));
          openNumber(ledger.db, runOf(Number(id)), numberOf(Number(id)));
        }
      });
      target.transaction(() => {
        for (const { id } of fresh) insert(source, target, Number(id));
      });
    }
    result.taken += fresh.length;
    told(result.taken + result.known);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function isThere(target: Database, row: SqlRow): boolean {
  const known = target.get('SELECT repeat, tenant FROM message WHERE id = ?', Number(row.id));
  if (known === undefined) return false;
  const same =
    known.tenant === row.tenant && Buffer.compare(known.repeat as Uint8Array, row.repeat as Uint8Array) === 0;
  if (same) return true;
  const id = Number(row.id);
  throw fault(
    'conflict',
    `message ${runOf(id)}-${numberOf(id)} is another one there: this is no archive of the same installation`,
  );
}

const columns = [
  ...['id', 'arrival', 'tenant', 'kind', 'partition', 'listener', 'peer', 'sender', 'type', 'sent_at'],
  ...['control_id', 'flags', 'size', 'repeat', 'payload', 'block'],
];

function insert(source: Database, target: Database, id: number): void {
  const row = source.get('SELECT * FROM message WHERE id = ?', id);
  // retention has just removed it there
  if (row === undefined) return;
  const values = columns.map((column) => row[column] ?? null);
  target.run(`INSERT INTO message (${columns.join()}) VALUES (${columns.map(() => '?').join()})`, ...values);
  addToTally(target, String(row.tenant), Number(row.kind), 1, Number(row.size));
  if (row.block === null) return;
  const block = source.get('SELECT id, places, sealed FROM block WHERE id = ?', Number(row.block));
  if (block === undefined) return;
  target.run(
    'INSERT OR IGNORE INTO block VALUES (?, ?, ?)',
    Number(block.id),
    block.places ?? null,
    block.sealed ?? null,
  );
}

/** What became of messages by persons and not by the engine, where the settle marks outlived the backup, too. */
function takeDecisions(from: string, ledger: SettleLedger, result: TakenMessages): void {
  const file = join(from, 'settle.db');
  if (!existsSync(file)) return;
  const source = openDatabase(file, { kind: 'settle', format: 1, schema: '', readOnly: true });
  try {
    for (const tenant of ledger.tenants()) {
      if (tenant === '') continue;
      for (const waiting of ['parked', 'unmapped'] as const) {
        for (const id of ledger.idsInState(tenant, waiting, Number.MAX_SAFE_INTEGER)) {
          if (isReleased(source, id, waiting) && ledger.release({ run: runOf(id), number: numberOf(id) }))
            result.released++;
        }
      }
    }
    for (let after = -1; ; ) {
      const rows = source.all(decided, after, states.indexOf('parked'));
      const last = rows.at(-1);
      if (last === undefined) return;
      after = Number(last.id);
      ledger.settle(rows.flatMap((row) => decisionOf(ledger, row)));
    }
  } finally {
    source.close();
  }
}

/** Outcomes of messages without a tenant, and those that were parked. */
const decided = `
  SELECT id, tenant, state, body FROM outcome WHERE id > ? AND (tenant = '' OR state = ?) ORDER BY id LIMIT ${page}`;

/** Another end, or none, in a run that the other marks know. */
function isReleased(source: Database, id: number, waiting: SettleState): boolean {
  const found = source.get('SELECT state FROM outcome WHERE id = ?', id);
  if (found !== undefined) return states[Number(found.state)] !== waiting;
  return source.get('SELECT 1 FROM run WHERE run = ?', runOf(id)) !== undefined;
}

function decisionOf(ledger: SettleLedger, row: SqlRow): SettleOutcome[] {
  const id = Number(row.id);
  const outcome = JSON.parse(String(row.body)) as Omit<SettleOutcome, 'tenant' | 'sequence'>;
  const tenant = row.tenant === '' ? null : String(row.tenant);
  const known = ledger.state(id);
  const isNews = tenant === null ? known !== outcome.state : known === undefined && outcome.reason === parkedByHand;
  // its arrival is not asked for here
  return isNews ? [{ ...outcome, tenant, sequence: { arrival: 0, run: runOf(id), number: numberOf(id) } }] : [];
}
