import type { JsonObject } from '../core/json.js';
import { type FhirVersion, versionNumber } from './version.js';

/** What a resource type offers on one base, under that version's own names. */
export interface ServedType {
  /** `MedicationOrder` on the DSTU2 base. */
  readonly type: string;
  /** Codes of type-restful-interaction: `read`, `vread`, `search-type`, `history-instance`, … */
  readonly interactions: readonly string[];
  readonly searchParams: readonly { readonly name: string; readonly type: string }[];
  /** Values that `_include` takes: `Encounter:patient`. */
  readonly searchInclude?: readonly string[];
}

export interface CapabilityInput {
  /** The version's base URL, made from the public URL. */
  readonly baseUrl: string;
  readonly tokenUrl: string;
  readonly authorizeUrl: string;
  readonly software: { readonly name: string; readonly version: string };
  /** When the statement last changed (dateTime); given, as this room knows no clock. */
  readonly date: string;
  readonly types: readonly ServedType[];
}

/**
 * The capability statement of one base: a CapabilityStatement, in DSTU2 a Conformance.
 * Batch is an interaction of its own since STU3; DSTU2 says `transaction` with the mode `batch`.
 */
export function capabilityStatement(version: FhirVersion, input: CapabilityInput): JsonObject {
  return {
    resourceType: version === 'DSTU2' ? 'Conformance' : 'CapabilityStatement',
    status: 'active',
    date: input.date,
    kind: 'instance',
    software: { ...input.software },
    implementation: { description: `${input.software.name} FHIR server`, url: input.baseUrl },
    fhirVersion: versionNumber[version],
    ...(version === 'R4' ? {} : { acceptUnknown: 'no' }),
    format: [version === 'DSTU2' ? 'application/json+fhir' : 'application/fhir+json', 'json'],
    rest: [
      {
        mode: 'server',
        security: security(version, input),
        resource: input.types.map((type) => resource(version, type)),
        interaction: [{ code: version === 'DSTU2' ? 'transaction' : 'batch' }, { code: 'history-system' }],
        ...(version === 'DSTU2' ? { transactionMode: 'batch' } : {}),
      },
    ],
  };
}

/** The coding as the Patients app writes it in its own sample, and the one of the version's code system. */
function security(version: FhirVersion, input: CapabilityInput): JsonObject {
  const base = version === 'R4' ? 'http://terminology.hl7.org/CodeSystem/' : 'http://hl7.org/fhir/';
  return {
    extension: [
      {
        url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris',
        extension: [
          { url: 'token', valueUri: input.tokenUrl },
          { url: 'authorize', valueUri: input.authorizeUrl },
        ],
      },
    ],
    service: [
      {
        coding: [
          { system: 'https://hl7.org/fhir/ValueSet/restful-security-service', code: 'OAuth' },
          { system: `${base}restful-security-service`, code: 'OAuth' },
        ],
        text: 'OAuth2 client credentials',
      },
    ],
  };
}

function resource(version: FhirVersion, served: ServedType): JsonObject {
  const { type, interactions, searchParams, searchInclude = [] } = served;
  return {
    type,
    interaction: interactions.map((code) => ({ code })),
    versioning: 'versioned',
    readHistory: interactions.includes('vread'),
    ...(searchInclude.length > 0 ? { searchInclude: [...searchInclude] } : {}),
    ...(searchParams.length > 0
      ? { searchParam: searchParams.map((one) => ({ name: one.name, type: paramType(version, one.type) })) }
      : {}),
  };
}

/** `special` came with R4; its parameters take text. */
function paramType(version: FhirVersion, type: string): string {
  return type === 'special' && version !== 'R4' ? 'string' : type;
}
