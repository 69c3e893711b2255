/** Recognises messages that came before: same tenant, kind, sender, control id, and the same bytes. */

import { digestBytes } from '../archive-digest.js';
import { numberOf, runOf } from '../archive-ids.js';
import type { AppendResult, ArchiveEntry } from '../archive-port.js';
import { kinds } from './archive-files.js';
import type { Database } from './open-database.js';

/** Makes the index that `EarlierMessages` asks; in a month file of format 1 it takes the place of another. */
export function prepareRepeats(db: Database): void {
  db.exec('CREATE INDEX IF NOT EXISTS message_sender ON message (sender, control_id)');
  db.exec('DROP INDEX IF EXISTS message_repeat');
}

interface Earlier {
  readonly tenant: string;
  readonly kind: number;
  readonly digest: Uint8Array;
  readonly sequence: AppendResult['sequence'];
}

const sql = `
  SELECT asked.key, m.id, m.arrival, m.tenant, m.kind, m.repeat
    FROM json_each(?) AS asked CROSS JOIN message AS m INDEXED BY message_sender
    ON m.sender = asked.value ->> 0 AND m.control_id = asked.value ->> 1
    WHERE m.arrival >= ? ORDER BY m.id`;

/** The messages that those of one commit could repeat: rows of the files, and what the commit has written so far. */
export class EarlierMessages {
  readonly #known = new Map<string, Earlier[]>();

  /** Asks each file once. Rows that arrived before `since` (epoch ms) are no longer known. */
  constructor(files: readonly Database[], entries: readonly ArchiveEntry[], since: number) {
    const asked = JSON.stringify(entries.map(({ sender, controlId }) => [asStored(sender), asStored(controlId)]));
    for (const db of files) {
      for (const row of db.all(sql, asked, since)) {
        const id = Number(row.id);
        const repeat = row.repeat as Uint8Array;
        const entry = entries[Number(row.key)];
        if (entry === undefined) continue;
        this.#note(nameOf(entry.sender, entry.controlId), {
          tenant: String(row.tenant),
          kind: Number(row.kind),
          digest: repeat.subarray(repeat.length - digestBytes),
          sequence: { arrival: Number(row.arrival), run: runOf(id), number: numberOf(id) },
        });
      }
    }
  }

  /** Rows of the same sender and control id: with the same bytes (`same`) and with others (`other`). */
  of(
    { tenant, kind, sender, controlId }: ArchiveEntry,
    digest: Uint8Array,
    since: number,
  ): { same?: AppendResult['sequence']; other: boolean } {
    let other = false;
    for (const earlier of this.#known.get(nameOf(sender, controlId)) ?? []) {
      const ours = earlier.tenant === (tenant ?? '') && kinds[earlier.kind] === kind;
      if (!ours || earlier.sequence.arrival < since) continue;
      if (Buffer.compare(earlier.digest, digest) === 0) return { same: earlier.sequence, other };
      other = true;
    }
    return { other };
  }

  /** A message that this commit writes. */
  add({ tenant, kind, sender, controlId }: ArchiveEntry, digest: Uint8Array, sequence: AppendResult['sequence']): void {
    this.#note(nameOf(sender, controlId), { tenant: tenant ?? '', kind: kinds.indexOf(kind), digest, sequence });
  }

  #note(name: string, earlier: Earlier): void {
    const known = this.#known.get(name);
    if (known === undefined) this.#known.set(name, [earlier]);
    else known.push(earlier);
  }
}

function nameOf(sender: string, controlId: string): string {
  return `${sender}\n${controlId}`;
}

/** What the driver makes of a text that it stores: an end at the first NUL, and no halves of characters. */
function asStored(text: string): string {
  if (!/[\0\ud800-\udfff]/.test(text)) return text;
  return Buffer.from(text.split('\0', 1)[0] ?? '', 'utf8').toString('utf8');
}
