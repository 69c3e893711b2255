/**
 * Every index of a tenant's database, and which search values have a place in them. An index must earn its place: writing is
 * the dearest thing a message causes, and each entry is written with its document.
 */
import type { Collection, IndexDescription } from 'mongodb';
import { isNameOrAddress, mainDateParameter } from '../../fhir/search-parameters.js';
import { fhirVersions, typeInVersion } from '../../fhir/version.js';

/** The indexes of the collection `resources` by name, beside that of `_id`. Searches name the one they use. */
export const resourceIndexes = {
  /** A type in its default order, and how many there are: counted from the index alone. */
  order: { key: { type: 1, shown: 1, sortKey: -1, _id: 1 } },
  /** What changed since, and the newest versions for `_history`. */
  updated: { key: { type: 1, lastUpdated: -1, _id: 1 } },
  /** What belongs to a patient, a visit or another resource, in the default order. */
  refs: { key: { type: 1, refs: 1, sortKey: -1, _id: 1 }, partialFilterExpression: { refs: { $exists: true } } },
  /** Identifiers, and the codes of the short list. No date ends it: a changed one would rewrite every token. */
  tokens: { key: { type: 1, tokens: 1 }, partialFilterExpression: { tokens: { $exists: true } } },
  /** Beginnings, grams and tails of names and addresses. */
  texts: { key: { type: 1, texts: 1 }, partialFilterExpression: { texts: { $exists: true } } },
  /** Where the main date and birth dates begin. */
  dates: { key: { type: 1, dates: 1 }, partialFilterExpression: { dates: { $exists: true } } },
  /** A patient's documents whose key holds the patient: for the engine. */
  patient: {
    key: { type: 1, patient: 1, keyRest: 1 },
    partialFilterExpression: { patient: { $exists: true } },
  },
  /** What stands beside documents that are too large: empty nearly everywhere. */
  contents: { key: { contents: 1 }, partialFilterExpression: { contents: { $exists: true } } },
} as const satisfies Record<string, Omit<IndexDescription, 'name'>>;

export type ResourceIndex = keyof typeof resourceIndexes;

/** Those of the collection `history`, beside that of `_id`, which holds type, id and version. */
export const historyIndexes = {
  written: { key: { type: 1, at: -1 } },
  contents: { key: { contents: 1 }, partialFilterExpression: { contents: { $exists: true } } },
} as const satisfies Record<string, Omit<IndexDescription, 'name'>>;

/** Makes the indexes that are missing. Collections stay readable and writable while they are built. */
export async function makeIndexes(
  collection: Pick<Collection, 'createIndexes'>,
  indexes: Readonly<Record<string, Omit<IndexDescription, 'name'>>>,
): Promise<void> {
  await collection.createIndexes(Object.entries(indexes).map(([name, description]) => ({ ...description, name })));
}

/** Which values of a type's parameters have index entries. What has none is found by filtering what another index finds. */
export interface IndexChoice {
  token(type: string, parameter: string): boolean;
  date(type: string, parameter: string): boolean;
  /** Parameters of one letter share their entries: a text stands once in them. */
  text(type: string, parameter: string): string | undefined;
}

const contact = ['email', 'phone', 'telecom'];

/**
 * The short list: codes that are looked up without a patient, beside `identifier`. A status is listed where few
 * resources have the one that is asked for (the stays of today).
 */
const lookedUp: Readonly<Record<string, readonly string[]>> = {
  AllergyIntolerance: ['code'],
  Condition: ['code'],
  DiagnosticReport: ['code'],
  Encounter: ['status'],
  Immunization: ['vaccine-code'],
  MedicationRequest: ['code'],
  MedicationStatement: ['code'],
  Observation: ['code'],
  Organization: contact,
  Patient: contact,
  Practitioner: contact,
  Procedure: ['code'],
  RelatedPerson: contact,
  ServiceRequest: ['code', 'requisition'],
  Specimen: ['accession'],
};

/** What is indexed in every installation. A change of it needs the documents written again: it belongs to the format. */
export const shippedChoice: IndexChoice = {
  token: (type, parameter) => parameter === 'identifier' || lookedUp[type]?.includes(parameter) === true,
  date: (type, parameter) =>
    parameter === 'birthdate' ||
    fhirVersions.some((version) => mainDateParameter(version, typeInVersion(version, type)) === parameter),
  text(type, parameter) {
    if (!isNameOrAddress(type, parameter)) return undefined;
    return parameter.startsWith('address') ? 'a' : 'n';
  },
};
