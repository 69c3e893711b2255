import type { Json, JsonObject } from '../core/json.js';
import { definitionsOf } from '../fhir/definitions/definition-files.js';
import { resourceTypes } from '../fhir/definitions/type-model.js';
import { definedSegmentNames, definedTypeNames } from '../hl7/definitions.js';
import { eventNames, structureNames } from '../hl7/structures.js';
import { keysOf, type ObjectName, objectShape, type Shape, type Vocabulary } from './file-shapes.js';
import { functions } from './functions.js';
import { pathPattern } from './source-path.js';

/** The kinds of mapping files by the name of their schema, with the object that each file is. */
export const schemaFiles: Readonly<Record<string, ObjectName>> = {
  segment: 'segmentMap',
  datatype: 'datatypeMap',
  table: 'table',
  message: 'message',
  identity: 'identity',
  events: 'eventFile',
  panels: 'panelFile',
  layer: 'layer',
  tests: 'testFile',
};

/** The JSON Schema (draft 07) of one kind of mapping file. It knows keys, forms and names; what rules mean, `mapping check` knows. */
export function fileSchema(kind: string): JsonObject {
  const root = schemaFiles[kind] ?? 'testFile';
  const found = new Map<string, Json>();
  const whole = objectOf(root, found);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: `Wardline mapping file: ${kind}`,
    ...whole,
    definitions: Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function objectOf(name: ObjectName, found: Map<string, Json>): JsonObject {
  const { members, required } = objectShape(name);
  const properties: JsonObject = {};
  for (const key of keysOf(name)) {
    const member = members[key];
    if (member !== undefined) properties[key] = { description: member.help, ...schemaOf(member.shape, found) };
  }
  return {
    type: 'object',
    properties,
    additionalProperties: false,
    ...(required.length === 0 ? {} : { required: [...required] }),
  };
}

function schemaOf(shape: Shape, found: Map<string, Json>): JsonObject {
  switch (shape.is) {
    case 'text':
      return wordOf(shape.of, found);
    case 'texts':
      return { anyOf: [wordOf(shape.of, found), { type: 'array', items: wordOf(shape.of, found) }] };
    case 'flag':
      return { type: 'boolean' };
    case 'any':
      return {};
    case 'functions':
      return { type: 'array', items: defined('function', found, functionSchema) };
    case 'object':
      return objectRef(shape.name, found);
    case 'objects':
      return { type: 'array', items: objectRef(shape.name, found) };
    case 'nested':
      return { anyOf: [objectRef(shape.name, found), { type: 'array', items: objectRef(shape.name, found) }] };
    case 'entries': {
      const names = shape.keys === undefined ? {} : { propertyNames: wordOf(shape.keys, found) };
      return { type: 'object', ...names, additionalProperties: schemaOf(shape.of, found) };
    }
    case 'list':
      return { type: 'array', items: schemaOf(shape.of, found) };
    case 'either':
      return { anyOf: shape.of.map((each) => schemaOf(each, found)) };
  }
}

function objectRef(name: ObjectName, found: Map<string, Json>): JsonObject {
  return defined(name, found, () => objectOf(name, found));
}

/** A reference to a definition, which is made at its first use; objects may hold themselves. */
function defined(name: string, found: Map<string, Json>, make: () => JsonObject): JsonObject {
  if (!found.has(name)) {
    found.set(name, {});
    found.set(name, make());
  }
  return { $ref: `#/definitions/${name}` };
}

function wordOf(of: Vocabulary | readonly string[] | undefined, found: Map<string, Json>): JsonObject {
  if (of === undefined) return { type: ['string', 'number', 'boolean'] };
  if (typeof of !== 'string') return { enum: [...of] };
  return defined(`${of}-name`, found, () => vocabulary(of));
}

const local = { type: 'string', pattern: '^Z' };
const partOfType = { type: 'string', pattern: '^[A-Z][A-Za-z]+\\.[a-z][A-Za-z.]*$' };

function vocabulary(name: Vocabulary): JsonObject {
  switch (name) {
    case 'resource':
      return { anyOf: [oneOf(resourceTypes('R4')), partOfType] };
    case 'type':
      return { anyOf: [oneOf(Object.keys(definitionsOf('R4').types)), partOfType] };
    case 'segment':
      return { anyOf: [oneOf(definedSegmentNames()), local] };
    case 'datatype':
      return { anyOf: [oneOf([...definedTypeNames(), ...definedSegmentNames()]), local] };
    case 'structure':
      return { anyOf: [oneOf(structureNames()), { type: 'string', pattern: '^Z|_Z' }] };
    case 'event':
      return { anyOf: [oneOf(eventNames()), local] };
    case 'path':
      // `.1` is a number to YAML
      return { type: ['string', 'number'], pattern: pathPattern };
    case 'condition':
      return { type: 'string', minLength: 1 };
    case 'map':
      return { type: 'string', pattern: `^${mapPattern}$` };
    case 'placedMap':
      return { type: 'string', pattern: `^(?:[A-Z][A-Z0-9_]*\\.)*${mapPattern}$` };
    case 'rule':
      return { type: 'string', pattern: `^${mapPattern}/.+$` };
    case 'sender':
      return { type: 'string', pattern: '^[^|]*\\|[^|]*$' };
    case 'system':
      return { type: ['string', 'number'], pattern: '^(?:HL7)?\\d{4}$|:' };
    case 'encounterStatus':
      return oneOf(encounterStatuses);
  }
}

const mapPattern = '[A-Z][A-Z0-9_]*\\[[A-Za-z.]+(?:-[A-Za-z0-9.-]+)?\\]';

/** FHIR R4, value set encounter-status. */
const encounterStatuses =
  'planned arrived triaged in-progress onleave finished cancelled entered-in-error unknown'.split(' ');

function functionSchema(): JsonObject {
  const names = Object.keys(functions).sort();
  const withArguments = Object.fromEntries(names.map((name) => [name, {}]));
  return {
    anyOf: [
      oneOf(names),
      { type: 'object', properties: withArguments, additionalProperties: false, minProperties: 1, maxProperties: 1 },
    ],
  };
}

function oneOf(names: Iterable<string>): JsonObject {
  return { enum: [...new Set(names)].sort() };
}
