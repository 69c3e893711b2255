import { fault } from '../core/errors.js';
import { requireAccess } from './access.js';
import type { Ask } from './facade-parts.js';
import type { FhirAnswer } from './fhir-answer.js';
import type { Interaction } from './interaction.js';
import { orderIdOf, serveOrderViews } from './medication-statements.js';
import { readMessageHeader } from './message-header.js';
import { readProvenance } from './provenance.js';
import { nothingShown, patientsIn, type Served, serveDocuments, serveVersion } from './serve-resource.js';
import { readSubset, subsetOf } from './subset.js';

type Of<K extends Interaction['kind']> = Extract<Interaction, { readonly kind: K }>;

/**
 * `GET Type/id`: the current version, resolved and filled.
 * @throws Fault `not-found`, `gone`, `forbidden`
 */
export async function readResource(ask: Ask, { type, id, parameters }: Of<'read'>): Promise<FhirAnswer> {
  requireAccess(ask.principal, 'read', type.stored);
  const subset = readSubset(parameters);
  const served = await readServed(ask, type, id);
  return {
    resource: subsetOf(ask.version, served.resource, subset),
    versionId: served.versionId,
    lastModified: served.lastUpdated,
    patients: patientsIn([served.r4]),
  };
}

async function readServed(ask: Ask, type: Of<'read'>['type'], id: string): Promise<Served> {
  if (type.stored === 'Provenance') {
    const told = await readProvenance(ask, id);
    if (told === undefined) throw nothingShown(type.name, undefined);
    return told;
  }
  if (type.stored === 'MessageHeader') {
    const header = await readMessageHeader(ask, id);
    if (header === undefined) throw nothingShown(type.name, undefined);
    return header;
  }
  const orderId = type.stored === 'MedicationStatement' ? orderIdOf(id) : undefined;
  return orderId === undefined ? readStored(ask, type, id) : readView(ask, orderId);
}

async function readStored(ask: Ask, type: Of<'read'>['type'], id: string): Promise<Served> {
  const [document] = await ask.parts.resources.read(ask.principal.tenant, type.stored, [id]);
  const [served] = document === undefined ? [] : await serveDocuments(ask, [document]);
  if (served === undefined) throw nothingShown(type.name, document);
  return served;
}

async function readView(ask: Ask, orderId: string): Promise<Served> {
  const [order] = await ask.parts.resources.read(ask.principal.tenant, 'MedicationRequest', [orderId]);
  const [served] = order === undefined ? [] : await serveOrderViews(ask, [order]);
  if (served === undefined) throw nothingShown('MedicationStatement', order);
  return served;
}

/**
 * `GET Type/id/_history/version`: the version as it was stored.
 * @throws Fault `not-found`, `gone`, `forbidden`
 */
export async function readVersion(ask: Ask, { type, id, version }: Of<'vread'>): Promise<FhirAnswer> {
  requireAccess(ask.principal, 'read', type.stored);
  const stored = await ask.parts.resources.version(ask.principal.tenant, type.stored, id, version);
  if (stored === undefined) throw fault('not-found', `no version of this ${type.name} with this number`);
  const resource = serveVersion(ask.version, stored);
  if (resource === null) throw fault('gone', `this version of the ${type.name} holds nothing that can be shown here`);
  return {
    resource,
    versionId: String(stored.version),
    lastModified: stored.lastUpdated,
    patients: patientsIn([{ ...stored.resource, resourceType: type.stored, id }]),
  };
}
