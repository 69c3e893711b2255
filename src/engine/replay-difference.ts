/** From a document as it was built anew to the write that makes the stored one equal to it. */
import { equalJson, isJsonObject, type Json, type JsonObject } from '../core/json.js';
import type { StoredDocument } from '../store/resource-port.js';
import { encodeState } from './document-state.js';
import { elementDifferences } from './element-difference.js';
import type { ReplayDifference } from './replay-parts.js';
import { openDocument, sameIds, show, type WorkingDocument } from './working-document.js';

/** A stored document that is to become the one that was built. */
export interface Rebuilt {
  readonly document: WorkingDocument;
  /** `restamped`: it shows the same, and knows something else behind it. */
  readonly change: ReplayDifference['change'] | 'restamped';
  readonly difference: ReplayDifference | undefined;
}

/**
 * What makes `stored` equal to `built`; undefined when it is already. A document that was not built is emptied: it stays
 * as the place of its versions and belongs to nobody.
 */
export function rebuilt(
  type: string,
  id: string,
  stored: StoredDocument | undefined,
  built: StoredDocument | undefined,
  by: { readonly now: number; readonly mappingVersion: number },
): Rebuilt | undefined {
  const before = openDocument(type, id, stored);
  const target = openDocument(type, id, built);
  if (built === undefined) target.rank = before.rank;
  if (isSame(before, target)) return undefined;
  const document: WorkingDocument = {
    ...openDocument(type, id, stored),
    registers: target.registers,
    rank: target.rank,
    regroup: target.regroup,
    patient: target.patient,
    keyRest: target.keyRest,
    dirty: true,
    made: [],
  };
  const source = target.source === '' ? before.source : target.source;
  show(
    document,
    { resource: target.resource, source, moved: target.moved },
    { members: target.members, standsFor: target.standsFor },
    { source, ...by },
  );
  const change = equalJson(before.resource, target.resource) ? 'restamped' : changeOf(before.resource, target.resource);
  return { document, change, difference: differenceOf(change, type, id, before.resource, target.resource) };
}

/** What readers see of a change; undefined when they see none. */
export function differenceOf(
  change: Rebuilt['change'],
  type: string,
  id: string,
  before: JsonObject | null,
  after: JsonObject | null,
): ReplayDifference | undefined {
  if (change === 'restamped') return undefined;
  const patient = type === 'Patient' ? id : patientOf(after ?? before);
  return { reference: `${type}/${id}`, change, patient, elements: elementDifferences(before, after) };
}

export function changeOf(before: JsonObject | null, after: JsonObject | null): ReplayDifference['change'] {
  return before === null ? 'created' : after === null ? 'removed' : 'changed';
}

function isSame(a: WorkingDocument, b: WorkingDocument): boolean {
  return (
    equalJson(a.resource, b.resource) &&
    a.standsFor === b.standsFor &&
    a.patient === b.patient &&
    a.keyRest === b.keyRest &&
    sameIds(a.members, b.members) &&
    sameIds(a.moved, b.moved) &&
    equalJson(encodeState(a, a.resource), encodeState(b, b.resource))
  );
}

function patientOf(resource: JsonObject | null): string {
  for (const name of ['subject', 'patient', 'beneficiary']) {
    const reference: Json | undefined = resource?.[name];
    const target = isJsonObject(reference) ? reference['reference'] : undefined;
    if (typeof target === 'string' && target.startsWith('Patient/')) return target.slice('Patient/'.length);
  }
  return '';
}
