import { existsSync, readFileSync } from 'node:fs';
import { basePath, type FhirVersion } from '../version.js';

/** An invariant of the definitions: key, severity, and its FHIRPath (DSTU2 publishes none). */
export type Invariant = readonly [key: string, severity: string, expression: string | null];

/** One element as the data files write it; `min` 0 and `max` "1" are left out. */
export interface ElementEntry {
  readonly min?: number;
  readonly max?: string;
  readonly types?: readonly string[];
  readonly targets?: readonly string[];
  readonly binding?: readonly [strength: 'required' | 'extensible', valueSet: string];
  readonly summary?: boolean;
  readonly contentReference?: string;
  readonly invariants?: readonly Invariant[];
  readonly pattern?: string;
}

export interface TypeEntry {
  readonly kind: 'resource' | 'complex' | 'primitive';
  readonly abstract?: boolean;
  readonly elements: Readonly<Record<string, ElementEntry>>;
  readonly invariants?: readonly Invariant[];
}

export interface SearchParameterEntry {
  readonly type: string;
  readonly expression?: string;
  readonly target?: readonly string[];
}

/** A version's data file: types, codes of the required value sets (`system|code`), search parameters by type. */
export interface Definitions {
  readonly fhirVersion: string;
  readonly types: Readonly<Record<string, TypeEntry>>;
  readonly valueSets: Readonly<Record<string, readonly string[]>>;
  readonly searchParameters: Readonly<Record<string, Readonly<Record<string, SearchParameterEntry>>>>;
}

const loaded = new Map<FhirVersion, Definitions>();
let systems: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;

/** A version's definitions, read from the package's own data at the first call. */
export function definitionsOf(version: FhirVersion): Definitions {
  let definitions = loaded.get(version);
  if (definitions === undefined) {
    definitions = readData(`${basePath[version]}.json`) as Definitions;
    loaded.set(version, definitions);
  }
  return definitions;
}

/** The carried code systems: URL → code → display. */
export function codeSystems(): Readonly<Record<string, Readonly<Record<string, string>>>> {
  systems ??= (readData('code-systems.json') as { systems: typeof systems & object }).systems;
  return systems;
}

/**
 * The data files stay in the source folder (tsc does not copy them): beside this file when run from src/,
 * and in the package's src/ when run from dist/.
 */
function readData(name: string): unknown {
  const beside = new URL(name, import.meta.url);
  const inSource = new URL(`../../../../src/fhir/definitions/${name}`, import.meta.url);
  return JSON.parse(readFileSync(existsSync(beside) ? beside : inSource, 'utf8'));
}
