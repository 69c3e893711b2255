import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../src/core/json.js';
import { plainTenantSettings } from '../../src/core/tenant-settings.js';
import type { Hl7Message } from '../../src/hl7/message.js';
import { isParseFault, parseMessage } from '../../src/hl7/message.js';
import { type CompiledMapping, compileMapping } from '../../src/mapping/compile.js';
import type { MappedMessage } from '../../src/mapping/draft.js';
import { identify } from '../../src/mapping/identify.js';
import { type MapContext, mapMessage } from '../../src/mapping/map-message.js';
import { printProblem } from '../../src/mapping/problem.js';
import { parsedTree } from '../../src/store/mapping-files.js';
import { assemble } from './assemble.js';

/** Every mapping file of the project by its path. */
export function mappingFiles(): Record<string, string> {
  const files: Record<string, string> = {};
  for (const name of readdirSync('mappings', { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.yaml')) files[join('mappings', name)] = readFileSync(join('mappings', name), 'utf8');
  }
  return files;
}

/** Compiles the project's mappings with some files more (or in place of theirs); fails on any problem. */
export function compiledWith(more: Readonly<Record<string, string>> = {}): CompiledMapping {
  const { mapping, problems } = compileMapping({ ...mappingFiles(), ...more }, { treeOf: parsedTree });
  assert.deepEqual(problems.map(printProblem), []);
  assert.ok(mapping);
  return mapping;
}

let common: CompiledMapping | undefined;

/** The project's own mapping, compiled once. */
export function projectMapping(): CompiledMapping {
  common ??= compiledWith();
  return common;
}

/** Reads a message written with line feeds. */
export function messageOf(text: string): Hl7Message {
  const message = parseMessage(text.trim().replace(/\n/g, '\r'));
  assert.ok(!isParseFault(message));
  return message;
}

export interface Result {
  readonly mapped: MappedMessage;
  readonly resources: readonly JsonObject[];
  readonly one: (type: string) => JsonObject;
  readonly all: (type: string) => readonly JsonObject[];
}

/** Maps a message to plain resources; ids are made of the key's parts. */
export function map(text: string, context: Partial<MapContext> = {}, mapping = projectMapping()): Result {
  const mapped = mapMessage(mapping, messageOf(text), {
    tenant: { ...plainTenantSettings, zone: 'Europe/Berlin' },
    ...context,
  });
  const resources = assemble(identify(mapped, plainId));
  const all = (type: string) => resources.filter((resource) => resource['resourceType'] === type);
  const one = (type: string): JsonObject => {
    const [first, ...others] = all(type);
    assert.ok(first, `no ${type}`);
    assert.equal(others.length, 0, `several ${type}`);
    return first;
  };
  return { mapped, resources, one, all };
}

/** An id that shows what it is made of. */
export function plainId(_type: string, parts: readonly string[]): string {
  return parts.join('.').replace(/[^A-Za-z0-9.-]/g, '_');
}

/** An ADT with these segments after PID and PV1. */
export function adt(event: string, ...segments: string[]): string {
  return [
    `MSH|^~\\&|ADT1|NORTH|W|W|20240503101500||ADT^${event}|M1|P|2.5`,
    `EVN|${event}|20240503101400`,
    ...segments,
  ].join('\n');
}

export const pid = 'PID|1||12345^^^NORTH^MR||Doe^Ann';
export const pv1 = `PV1|1|I|3W^12^B^NORTH${'|'.repeat(16)}V100^^^NORTH`;

/** An ORU with these segments after PID. */
export function oru(...segments: string[]): string {
  return ['MSH|^~\\&|LAB|NORTH|W|W|20240503111500||ORU^R01|M2|P|2.5.1', pid, ...segments].join('\n');
}

export const obr = 'OBR|1|P1^OE|F1^LAB|24323-8^CMP^LN|||20240503110000';
