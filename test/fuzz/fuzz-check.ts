/** One input through decoder, reader, mapping and rendering, held to what every result must be. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { compileFolders } from '../../src/cli/mapping-folders.js';
import type { Json, JsonObject } from '../../src/core/json.js';
import { plainTenantSettings, type TenantSettings } from '../../src/core/tenant-settings.js';
import { composeAlone } from '../../src/engine/compose-document.js';
import { contributionsOf } from '../../src/engine/contribution.js';
import { mapperOver } from '../../src/engine/mapping-mapper.js';
import { join as joinRegisters, type Registers } from '../../src/engine/registers.js';
import { searchIndexOf } from '../../src/engine/search-index.js';
import { tenantNames } from '../../src/engine/tenant-names.js';
import { withNarrative } from '../../src/fhir/generate-narrative.js';
import { renderResource } from '../../src/fhir/render.js';
import { validateResource } from '../../src/fhir/validate.js';
import { fhirVersions } from '../../src/fhir/version.js';
import { acknowledgementPlan, buildAcknowledgement } from '../../src/hl7/acknowledgement.js';
import { splitBatch } from '../../src/hl7/batch.js';
import { decodeMessage, isCharsetFault } from '../../src/hl7/charset.js';
import { loadDictionary } from '../../src/hl7/dictionary.js';
import { FrameDecoder, type FrameEvent } from '../../src/hl7/frame-decoder.js';
import { leaves } from '../../src/hl7/leaves.js';
import { Linter } from '../../src/hl7/lint/lint-message.js';
import { isParseFault, parseMessage } from '../../src/hl7/message.js';
import { readRawHeader } from '../../src/hl7/raw-header.js';
import type { FuzzInput } from './fuzz-input.js';

/** What an input came to; counted, so that a run shows that it went deep. */
export type Reached = 'refused' | 'unreadable' | 'unmapped' | 'filtered' | 'mapped' | 'validated';

const settings: readonly TenantSettings[] = [
  { ...plainTenantSettings, zone: 'Europe/Berlin' },
  {
    ...plainTenantSettings,
    authorities: [{ id: 'NORTH', oid: '1.2.3' }],
    defaultAuthority: { id: 'NORTH' },
    accountsAreVisits: true,
  },
];
const key = new TextEncoder().encode('fuzz: fixed and public');
const tenants = settings.map((tenant) => ({ tenant, names: tenantNames(key, tenant) }));
const { mapping } = compileFolders(['mappings']);
assert.ok(mapping, 'the mapping compiles');
const mapper = mapperOver(mapping, 1);
const linter = new Linter(await loadDictionary(), () => undefined);

/** Throws an AssertionError for a wrong result, and whatever else is thrown on the way. */
export function checkInput(input: FuzzInput): Reached {
  const frames = decode(input);
  if (input.whole) {
    const [only] = frames.filter((event) => event.kind === 'message');
    assert.ok(only?.kind === 'message' && only.bytes.equals(input.message), 'a clean frame comes out as it went in');
  }
  let furthest: Reached = 'refused';
  for (const frame of frames) {
    if (frame.kind !== 'message') continue;
    const parts = splitBatch(frame.bytes);
    assert.ok(
      parts.messages.reduce((sum, part) => sum + part.length, 0) <= frame.bytes.length,
      'a batch makes nothing up',
    );
    for (const part of parts.messages.slice(0, 4)) furthest = checkMessage(part, input.seed);
  }
  return furthest;
}

function decode({ stream, cuts }: FuzzInput): FrameEvent[] {
  const decoder = new FrameDecoder({ limit: 60_000 });
  const events: FrameEvent[] = [];
  let from = 0;
  for (const cut of [...cuts, stream.length]) {
    events.push(...decoder.push(stream.subarray(from, cut)));
    from = cut;
  }
  return [...events, ...decoder.end()];
}

/** What lint finds lies within the message, and names nothing that could move a cursor. */
function checkFindings(bytes: Buffer): void {
  const lines = bytes.toString('latin1').split(/\r\n|\r|\n/).length;
  for (const { line, path, problem, right } of linter.lint(bytes, { wire: true }).findings) {
    assert.ok(line >= 1 && line <= lines, 'a finding lies within the message');
    assert.match(`${path}${problem}${right}`, /^[^\p{Cc}]*$/u, 'a finding is one line of text');
  }
}

/** A message's bytes from character set to FHIR of three versions. */
export function checkMessage(bytes: Buffer, seed: number): Reached {
  const decoded = decodeMessage(bytes);
  const header = readRawHeader(bytes, isCharsetFault(decoded) ? undefined : decoded.charset);
  acknowledgementPlan(header, 'original');
  const answer = buildAcknowledgement({ header, code: 'AA', controlId: '1', time: '20260301101500+0000' });
  assert.ok(answer.toString('latin1').includes('\rMSA'), 'every message has an answer');
  if (seed % 16 === 1) checkFindings(bytes);
  if (isCharsetFault(decoded)) return 'unreadable';
  const message = parseMessage(decoded.text, decoded.decodeBytes);
  if (isParseFault(message)) return 'unreadable';
  for (const leaf of leaves(message)) {
    assert.ok(leaf.start < leaf.end && leaf.end <= decoded.text.length, 'a leaf lies within its message');
    assert.equal(typeof leaf.text, 'string');
  }

  // not by the lowest bits, which decide how deep a number is checked
  const { tenant, names } = tenants[(seed >> 4) % tenants.length] ?? assert.fail('no tenant');
  const arrival = Date.UTC(2026, 2, 1, 12);
  const { mapped, identified } = mapper.map(message, { tenant, arrival }, names);
  if (mapped.outcome !== 'mapped') return mapped.outcome;
  const stamp = {
    authority: 50,
    time: mapped.eventTime ?? arrival,
    sequence: { arrival, run: 1, number: 1 },
    mappingVersion: 1,
  };
  const contributions = contributionsOf(identified, mapped.facts, { sender: mapped.sender, stamp }, names);
  const known = new Set(contributions.map(({ type, id }) => `${type}/${id}`));
  const deep = seed % 16 === 0;
  for (const { type, id, registers: said } of contributions) {
    const registers: Registers = new Map();
    joinRegisters(registers, said);
    const { resource } = composeAlone(type, id, registers);
    if (resource === null) continue;
    checkValue(resource, type, known);
    for (const version of fhirVersions) {
      const rendered = renderResource(version, resource);
      if (rendered !== null && deep) checkValid(version, withNarrative(rendered));
    }
    if (deep) searchIndexOf({ resource, standsFor: '', source: '1-1', moved: [] });
  }
  return deep ? 'validated' : 'mapped';
}

function checkValid(version: (typeof fhirVersions)[number], resource: JsonObject): void {
  const errors = validateResource(version, resource).filter((issue) => issue.severity === 'error');
  assert.deepEqual(
    errors.map(({ path, message }) => `${version} ${path}: ${message}`),
    [],
  );
}

const halfCharacter = /\p{Surrogate}/u;

/** Nothing empty, nothing that JSON cannot say, no reference to what the message does not make. */
function checkValue(value: Json, path: string, known: ReadonlySet<string>): void {
  if (value === null || value === '' || value === undefined) assert.fail(`nothing at ${path}`);
  if (typeof value === 'number') assert.ok(Number.isFinite(value), `${path} is no number`);
  if (typeof value === 'string') assert.ok(!halfCharacter.test(value), `half a character at ${path}`);
  if (typeof value !== 'object') return;
  if (Array.isArray(value)) {
    assert.ok(value.length > 0, `an empty list at ${path}`);
    for (const item of value) if (item !== null) checkValue(item, path, known);
    return;
  }
  let members = 0;
  for (const [name, member] of Object.entries(value)) {
    members++;
    if (name === 'reference' && typeof member === 'string' && /^[A-Z][A-Za-z]+\/[0-9a-f-]{36}$/.test(member)) {
      assert.ok(known.has(member), `a dangling reference at ${path}`);
    }
    checkValue(member, `${path}.${name}`, known);
  }
  assert.ok(members > 0, `an empty object at ${path}`);
}

/** A case file is the bytes of one message. */
export function checkCase(file: string): Reached {
  let reached: Reached = 'refused';
  for (const seed of [0, 16, 1]) reached = checkMessage(readFileSync(file), seed);
  return reached;
}
