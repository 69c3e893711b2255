import { isJsonObject, type Json, type JsonObject } from '../core/json.js';
import { earliest, parseDateRange } from './search-date.js';

/** For each R4 type the elements that hold its main date, first valued first. */
const mainDates: Readonly<Record<string, readonly string[]>> = {
  Account: ['servicePeriod'],
  AllergyIntolerance: ['recordedDate', 'onsetDateTime', 'onsetPeriod'],
  Basic: ['created'],
  Condition: ['recordedDate', 'onsetDateTime', 'onsetPeriod'],
  Coverage: ['period'],
  DiagnosticReport: ['effectiveDateTime', 'effectivePeriod', 'issued'],
  DocumentReference: ['date'],
  Encounter: ['period'],
  Flag: ['period'],
  Immunization: ['occurrenceDateTime'],
  MedicationDispense: ['whenHandedOver', 'whenPrepared'],
  MedicationRequest: ['authoredOn'],
  MedicationStatement: ['effectiveDateTime', 'effectivePeriod', 'dateAsserted'],
  Observation: ['effectiveDateTime', 'effectivePeriod', 'effectiveInstant', 'effectiveTiming', 'issued'],
  PractitionerRole: ['period'],
  Procedure: ['performedDateTime', 'performedPeriod'],
  Provenance: ['recorded'],
  ServiceRequest: ['authoredOn', 'occurrenceDateTime', 'occurrencePeriod'],
  Specimen: ['collection.collectedDateTime', 'collection.collectedPeriod', 'receivedTime'],
};

/**
 * The main date of an R4 resource in epoch milliseconds: the start of what it says. Default order is by it, newest first.
 * Null for types without one (Patient, Location, …) and for resources that do not carry it, which then go by when they
 * came to us. Not so an encounter: one that was planned or cancelled and never began is nobody's last known place.
 */
export function sortDate(resource: JsonObject): number | null {
  const type = resource.resourceType;
  const paths = typeof type === 'string' && Object.hasOwn(mainDates, type) ? (mainDates[type] ?? []) : [];
  for (const path of paths) {
    const time = startOf(path.split('.').reduce<Json | undefined>(childOf, resource));
    if (time !== null) return time;
  }
  return type === 'Encounter' ? earliest : null;
}

function childOf(value: Json | undefined, name: string): Json | undefined {
  return isJsonObject(value) ? value[name] : undefined;
}

function startOf(value: Json | undefined): number | null {
  if (typeof value === 'string') return parseDateRange(value)?.from ?? null;
  if (!isJsonObject(value)) return null;
  if (Array.isArray(value.event)) return startOf(value.event[0]);
  return startOf(value.start);
}
