import { codeSystems } from './definition-files.js';

/**
 * The display of a code of an HL7 code system (v2 tables, v3 systems, FHIR's own), or null when unknown.
 * `system` is the URI of any FHIR version: `http://hl7.org/fhir/v2/0203` is read as
 * `http://terminology.hl7.org/CodeSystem/v2-0203`.
 */
export function displayOf(system: string, code: string): string | null {
  let codes = displays.get(system);
  if (codes === undefined) {
    const known = lookUp(system) ?? (system.startsWith('http://hl7.org/') ? lookUp(currentSystem(system)) : undefined);
    if (known === undefined) return null;
    codes = new Map(Object.entries(known));
    displays.set(system, codes);
  }
  return codes.get(code) ?? null;
}

/** The displays of each system that was asked for, by code. */
const displays = new Map<string, ReadonlyMap<string, string>>();

/** All codes of a system with their displays; null when the system is not carried. */
export function codesOf(system: string): Readonly<Record<string, string>> | null {
  return lookUp(system) ?? lookUp(currentSystem(system)) ?? null;
}

function lookUp(system: string): Readonly<Record<string, string>> | undefined {
  systems ??= new Map(Object.entries(codeSystems()));
  return systems.get(system);
}

/** Looked up by text: many that are asked for are local and of no known system. */
let systems: ReadonlyMap<string, Readonly<Record<string, string>>> | undefined;

/** The R4 URI of an older version's code system URI. */
function currentSystem(system: string): string {
  const old = /^http:\/\/hl7\.org\/fhir\/(?:(v[23])\/)?([^/]+)$/.exec(system);
  if (old === null) return system;
  const name = old[1] === undefined ? old[2] : `${old[1]}-${old[2]}`;
  return `http://terminology.hl7.org/CodeSystem/${name}`;
}
