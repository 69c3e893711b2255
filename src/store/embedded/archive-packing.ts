/**
 * How entries and results cross between threads: as lists and numbers. A structured clone of objects writes and reads the name
 * of each property for each object.
 */
import type { AppendResult, ArchiveEntry } from '../archive-port.js';

/** The properties of an entry, in the order of `unpackEntry`. */
export type PackedEntry = readonly [
  tenant: ArchiveEntry['tenant'],
  kind: ArchiveEntry['kind'],
  arrival: number,
  listener: string,
  peer: string,
  sender: string,
  type: string,
  sentAt: string,
  controlId: string,
  partition: number,
  flags: readonly string[],
  payload: Uint8Array,
];

/** Four numbers for each result: arrival, run, number, and what became of the entry. */
export type PackedResults = Float64Array;

const repeat = 0;
const archived = 1;
const archivedReused = 2;

export function packEntry(entry: ArchiveEntry): PackedEntry {
  const { payload } = entry;
  return [
    entry.tenant,
    entry.kind,
    entry.arrival,
    entry.listener,
    entry.peer,
    entry.sender,
    entry.type,
    entry.sentAt,
    entry.controlId,
    entry.partition,
    entry.flags,
    // a view of a shared buffer would take the whole buffer across
    payload.byteLength === payload.buffer.byteLength ? payload : new Uint8Array(payload),
  ];
}

export function unpackEntry(packed: PackedEntry): ArchiveEntry {
  const [tenant, kind, arrival, listener, peer, sender, type, sentAt, controlId, partition, flags, payload] = packed;
  return { tenant, kind, arrival, listener, peer, sender, type, sentAt, controlId, partition, flags, payload };
}

export function packResults(results: readonly AppendResult[]): PackedResults {
  const packed = new Float64Array(results.length * 4);
  let at = 0;
  for (const { sequence, outcome, reusedControlId } of results) {
    packed[at++] = sequence.arrival;
    packed[at++] = sequence.run;
    packed[at++] = sequence.number;
    packed[at++] = outcome === 'repeat' ? repeat : reusedControlId ? archivedReused : archived;
  }
  return packed;
}

export function unpackResults(packed: PackedResults): AppendResult[] {
  const results: AppendResult[] = [];
  for (let at = 0; at < packed.length; at += 4) {
    const sequence = { arrival: packed[at] ?? 0, run: packed[at + 1] ?? 0, number: packed[at + 2] ?? 0 };
    const became = packed[at + 3];
    const outcome = became === repeat ? 'repeat' : 'archived';
    results.push({ sequence, outcome, reusedControlId: became === archivedReused });
  }
  return results;
}
