/**
 * How entries and results cross between threads: as lists and numbers. A structured clone of objects writes and reads the name
 * of each property for each object.
 */
import type { AppendResult, ArchiveEntry } from '../archive-port.js';

/** The properties of an entry, in the order of `unpackEntries`; of its payload the length. */
type EntryList = readonly [
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
  length: number,
];

/** Entries with their payloads one behind the other, since each buffer that crosses costs as much as a short message. */
export interface PackedEntries {
  readonly lists: readonly EntryList[];
  readonly payloads: Uint8Array;
}

/** Four numbers for each result: arrival, run, number, and what became of the entry. */
export type PackedResults = Float64Array;

const repeat = 0;
const archived = 1;
const archivedReused = 2;

export function packEntries(entries: readonly ArchiveEntry[]): PackedEntries {
  let bytes = 0;
  for (const { payload } of entries) bytes += payload.length;
  const payloads = new Uint8Array(bytes);
  let at = 0;
  const lists = entries.map((entry): EntryList => {
    const { payload } = entry;
    payloads.set(payload, at);
    at += payload.length;
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
      payload.length,
    ];
  });
  return { lists, payloads };
}

/** The payloads share storage. */
export function unpackEntries({ lists, payloads }: PackedEntries): ArchiveEntry[] {
  let at = 0;
  return lists.map((list) => {
    const [tenant, kind, arrival, listener, peer, sender, type, sentAt, controlId, partition, flags, length] = list;
    const payload = payloads.subarray(at, at + length);
    at += length;
    return { tenant, kind, arrival, listener, peer, sender, type, sentAt, controlId, partition, flags, payload };
  });
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
