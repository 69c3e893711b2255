import { fault } from '../core/errors.js';
import type { Json } from '../core/json.js';
import { deriveKey, sealText, unsealText } from '../core/seal.js';
import type { FhirVersion } from '../fhir/version.js';
import type { FacadeParts } from './facade-parts.js';
import type { Parameters } from './interaction.js';

/** Where a list of pages stands: the whole query, so that none of it stands in a URL, and the place after the last page. */
export interface Cursor {
  readonly kind: 'search' | 'history';
  /** `Type`, `Type/id` or empty. */
  readonly of: string;
  readonly parameters: Parameters;
  /** Position in the store's words; undefined for the first page. */
  readonly after: string | undefined;
  /** All matches, as counted for the first page. */
  readonly total: number | undefined;
}

/** Who and where a cursor is good for. */
export interface CursorOwner {
  readonly tenant: string;
  readonly client: string;
  readonly version: FhirVersion;
}

/** Seals a cursor as URL-safe text, bound to tenant, client and base, good until its life ends. */
export function sealCursor(parts: FacadeParts, owner: CursorOwner, cursor: Cursor): string {
  const until = parts.clock.now() + parts.limits.cursorLife;
  const body: Json = [
    until,
    cursor.kind,
    cursor.of,
    cursor.parameters.map(([name, value]) => [name, value]),
    cursor.after ?? null,
    cursor.total ?? null,
  ];
  return sealText(keyOf(parts), JSON.stringify(body), aboutOf(owner));
}

/** @throws Fault `invalid-request` for a cursor that was made for another, changed or has ended */
export function openCursor(parts: FacadeParts, owner: CursorOwner, text: string): Cursor {
  let body: [number, Cursor['kind'], string, [string, string][], string | null, number | null];
  try {
    body = JSON.parse(unsealText(keyOf(parts), text, aboutOf(owner)));
  } catch {
    throw fault('invalid-request', 'the cursor of this link is not valid here: search again');
  }
  const [until, kind, of, parameters, after, total] = body;
  if (until <= parts.clock.now()) throw fault('invalid-request', 'the cursor of this link has ended: search again');
  return { kind, of, parameters, after: after ?? undefined, total: total ?? undefined };
}

const keys = new WeakMap<Uint8Array, Uint8Array>();

function keyOf(parts: FacadeParts): Uint8Array {
  let key = keys.get(parts.master);
  if (key === undefined) {
    key = deriveKey(parts.master, 'facade-cursor');
    keys.set(parts.master, key);
  }
  return key;
}

function aboutOf({ tenant, client, version }: CursorOwner): string {
  return JSON.stringify(['cursor', tenant, client, version]);
}
