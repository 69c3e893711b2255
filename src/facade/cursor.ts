import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { fault } from '../core/errors.js';
import type { Json } from '../core/json.js';
import { deriveKey, seal, unseal } from '../core/seal.js';
import type { FhirVersion } from '../fhir/version.js';
import type { FacadeParts } from './facade-parts.js';
import type { Parameters } from './interaction.js';
import { shownParameter } from './parameter-name.js';

/** Where a list of pages stands: the whole query, so that none of it stands in a URL, and the place after the last page. */
export interface Cursor {
  readonly kind: 'search' | 'history';
  /** `Type`, `Type/id` or empty. */
  readonly of: string;
  readonly parameters: Parameters;
  /** Position in the store's words; undefined for the first page. */
  readonly after: string | undefined;
  /** All matches, as the first page has it; undefined until then. */
  readonly total: CursorTotal | undefined;
}

/** A total that was counted, estimated, or left out. */
export interface CursorTotal {
  readonly matches: number | undefined;
  readonly isExact: boolean;
}

/** Who and where a cursor is good for. */
export interface CursorOwner {
  readonly tenant: string;
  readonly client: string;
  readonly version: FhirVersion;
}

/** Characters of a request that stay free for its other headers, and of a cursor for positions further on. */
const keptForHeaders = 8 * 1024;
const keptForPositions = 4 * 1024;
/** Shorter ones are not worth compressing. */
const worthCompressing = 1024;

/**
 * Seals a cursor as URL-safe text, bound to tenant, client and base, good until its life ends.
 * @throws Fault `search-too-long` when a link with it would be longer than a request may be
 */
export function sealCursor(parts: FacadeParts, owner: CursorOwner, cursor: Cursor): string {
  const until = parts.clock.now() + parts.limits.cursorLife;
  const body: Json = [
    until,
    cursor.kind,
    cursor.of,
    cursor.parameters.map(([name, value]) => [name, value]),
    cursor.after ?? null,
    printTotal(cursor.total),
  ];
  const text = sealed(parts, owner, JSON.stringify(body));
  const most = parts.limits.headerBytes - keptForHeaders;
  if (text.length <= (cursor.after === undefined ? most - keptForPositions : most)) return text;
  const [name = ''] = cursor.parameters.toSorted((a, b) => b[1].length - a[1].length)[0] ?? [];
  throw fault(
    'search-too-long',
    `the links of this answer would be ${text.length} characters long, and a request holds ${most - keptForPositions}: ` +
      `ask for fewer values at a time, most of them in ${shownParameter(name)}`,
  );
}

/** The first byte says whether the rest is compressed. */
function sealed(parts: FacadeParts, owner: CursorOwner, json: string): string {
  const plain = Buffer.from(json, 'utf8');
  const packed =
    plain.length < worthCompressing
      ? Buffer.concat([Buffer.of(0), plain])
      : Buffer.concat([Buffer.of(1), deflateRawSync(plain, { level: 9 })]);
  return Buffer.from(seal(keyOf(parts), packed, aboutOf(owner))).toString('base64url');
}

function unsealed(parts: FacadeParts, owner: CursorOwner, text: string): string {
  const packed = Buffer.from(unseal(keyOf(parts), Buffer.from(text, 'base64url'), aboutOf(owner)));
  const rest = packed.subarray(1);
  return (packed[0] === 0 ? rest : inflateRawSync(rest)).toString('utf8');
}

/** @throws Fault `invalid-request` for a cursor that was made for another, changed or has ended */
export function openCursor(parts: FacadeParts, owner: CursorOwner, text: string): Cursor {
  let body: [number, Cursor['kind'], string, [string, string][], string | null, PrintedTotal];
  try {
    body = JSON.parse(unsealed(parts, owner, text));
  } catch {
    throw fault('invalid-request', 'the cursor of this link is not valid here: search again');
  }
  const [until, kind, of, parameters, after, total] = body;
  if (until <= parts.clock.now()) throw fault('invalid-request', 'the cursor of this link has ended: search again');
  return { kind, of, parameters, after: after ?? undefined, total: readTotal(total) };
}

/** A number for one that is exact, in a list when it is not. */
type PrintedTotal = number | [number | null] | null;

function printTotal(total: CursorTotal | undefined): PrintedTotal {
  if (total === undefined) return null;
  const { matches = null, isExact } = total;
  return isExact && matches !== null ? matches : [matches];
}

function readTotal(printed: PrintedTotal): CursorTotal | undefined {
  if (printed === null) return undefined;
  if (typeof printed === 'number') return { matches: printed, isExact: true };
  return { matches: printed[0] ?? undefined, isExact: false };
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
