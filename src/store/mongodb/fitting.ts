/** Makes records fit into documents of MongoDB: what is long stands beside them. */
import { BSON } from 'mongodb';
import { type Fault, fault } from '../../core/errors.js';
import { namesOf, type ResourceRecord, type VersionRecord } from './document-shape.js';
import { moveOut, nameContent } from './outside-values.js';

/** Bytes that MongoDB takes for one document, less what the command around it needs. */
export const mostBytes = 16 * 1024 * 1024 - 16_384;

/** From here on long texts stand beside the document, so that the versions made later fit in it, too. */
const moveFrom = 2 * 1024 * 1024;

export function sizeOf(record: ResourceRecord | VersionRecord): number {
  return BSON.calculateObjectSize(record, { ignoreUndefined: true });
}

/** The record as it is stored; what moves out of it goes to `contents`. */
export function fitRecord(record: ResourceRecord, contents: Map<string, Uint8Array>): ResourceRecord {
  const inside = record.carried?.every((version) => version.outside === undefined) ?? true;
  if (inside && sizeOf(record) < moveFrom) return record;
  const { resource, outside } = moveOut(record, contents);
  const carried = record.carried?.map((version) => moveOut(version, contents));
  const { state } = record;
  const stateParts =
    typeof state !== 'string' && state.length() > moveFrom ? nameContent(state.value(), contents) : undefined;
  const names = namesOf([outside, ...(carried ?? []).map((version) => version.outside), stateParts && [stateParts]]);
  return {
    ...record,
    resource,
    ...(outside === undefined ? {} : { outside }),
    ...(carried === undefined ? {} : { carried }),
    ...(stateParts === undefined ? {} : { state: '', stateParts }),
    ...(names.length === 0 ? {} : { contents: names }),
  };
}

/** The same of a version that stands in history. */
export function fitVersion(record: VersionRecord, contents: Map<string, Uint8Array>): VersionRecord {
  if (sizeOf(record) < moveFrom) return record;
  const moved = moveOut(record, contents);
  return moved.outside === undefined ? moved : { ...moved, contents: namesOf([moved.outside]) };
}

export function tooLarge(type: string, bytes: number): Fault {
  const size = `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
  return fault(
    'too-large',
    `a ${type} with its search values has ${size} without its long texts; MongoDB takes no more than 16 MiB in a document`,
  );
}
