import { isJsonObject, type Json, type JsonObject } from '../core/json.js';
import { nameText } from './human-name.js';
import { conceptText, text } from './members.js';

/** A line of a narrative: its label, and the members that may carry its value in the versions; the first present one is shown. */
type Line = readonly [label: string, ...members: string[]];

const medication: Line = ['Medication', 'medicationCodeableConcept', 'medicationReference'];
const period: Line = ['Period', 'period'];
const status: Line = ['Status', 'status'];
const value: Line = [
  'Value',
  'valueQuantity',
  'valueCodeableConcept',
  'valueString',
  'valueBoolean',
  'valueInteger',
  'valueRange',
  'valueRatio',
  'valueDateTime',
  'valuePeriod',
  'valueTime',
  'dataAbsentReason',
];

/** What the narrative of a type tells, for the types that apps show. */
const lines: Readonly<Record<string, readonly Line[]>> = {
  Patient: [
    ['Name', 'name'],
    ['Gender', 'gender'],
    ['Born', 'birthDate'],
    ['Identifiers', 'identifier'],
  ],
  Encounter: [
    ['Type', 'type'],
    ['Class', 'class'],
    status,
    period,
    ['Location', 'location'],
    ['Reason', 'reasonCode', 'reason'],
  ],
  Observation: [
    ['Observation', 'code'],
    value,
    ['Interpretation', 'interpretation'],
    ['When', 'effectiveDateTime', 'effectivePeriod', 'effectiveInstant'],
    status,
    ['Components', 'component'],
    ['Comment', 'note', 'comment', 'comments'],
  ],
  Condition: [
    ['Condition', 'code'],
    ['Status', 'clinicalStatus'],
    ['Verification', 'verificationStatus'],
    ['Severity', 'severity'],
    ['Onset', 'onsetDateTime', 'onsetPeriod', 'onsetString'],
    ['Recorded', 'recordedDate', 'assertedDate', 'dateRecorded'],
    ['Note', 'note', 'notes'],
  ],
  AllergyIntolerance: [
    ['Allergy', 'code', 'substance'],
    ['Status', 'clinicalStatus', 'status'],
    ['Verification', 'verificationStatus'],
    ['Category', 'category'],
    ['Criticality', 'criticality'],
    ['Reactions', 'reaction'],
    ['Recorded', 'recordedDate', 'assertedDate'],
    ['Note', 'note'],
  ],
  MedicationRequest: [
    medication,
    ['Dosage', 'dosageInstruction'],
    status,
    ['Written', 'authoredOn'],
    ['Requester', 'requester'],
  ],
  MedicationOrder: [
    medication,
    ['Dosage', 'dosageInstruction'],
    status,
    ['Written', 'dateWritten'],
    ['Ended', 'dateEnded'],
    ['Prescriber', 'prescriber'],
  ],
  MedicationStatement: [
    medication,
    ['Dosage', 'dosage'],
    status,
    ['When', 'effectivePeriod', 'effectiveDateTime'],
    ['Asserted', 'dateAsserted'],
  ],
  MedicationDispense: [
    medication,
    ['Quantity', 'quantity'],
    ['Dosage', 'dosageInstruction'],
    status,
    ['Handed over', 'whenHandedOver', 'whenPrepared'],
    ['Dispensed by', 'performer', 'dispenser'],
    ['Note', 'note'],
  ],
  Medication: [
    ['Medication', 'code'],
    ['Form', 'form'],
    ['Ingredients', 'ingredient'],
    ['Product', 'product'],
    ['Manufacturer', 'manufacturer'],
  ],
  Immunization: [
    ['Vaccine', 'vaccineCode'],
    status,
    ['Given', 'occurrenceDateTime', 'occurrenceString', 'date'],
    ['Not given', 'notGiven', 'wasNotGiven'],
    ['Reason', 'statusReason', 'explanation'],
    ['Dose', 'doseQuantity'],
    ['Lot', 'lotNumber'],
    ['Route', 'route'],
    ['Site', 'site'],
    ['Note', 'note'],
  ],
  Coverage: [
    ['Payor', 'payor', 'issuer'],
    ['Group', 'grouping', 'group'],
    ['Classes', 'class'],
    ['Plan', 'plan'],
    ['Subscriber', 'subscriber', 'subscriberId'],
    period,
    status,
  ],
  Location: [['Name', 'name'], ['Type', 'type'], status, ['Part of', 'partOf']],
};

/**
 * A rendered resource with a generated narrative (DomainResource.text), where apps show its type and it has none.
 * Reads the version's own rendering, so that the text says what the resource says; everything in it is escaped.
 */
export function withNarrative(resource: JsonObject): JsonObject {
  const type = text(resource.resourceType) ?? '';
  if (resource.text !== undefined || !Object.hasOwn(lines, type)) return resource;
  const rows = (lines[type] ?? []).flatMap(([label, ...members]) => {
    const member = members.find((name) => resource[name] !== undefined);
    const said = member === undefined ? undefined : shown(resource[member]);
    return said === undefined ? [] : [`<b>${label}</b>: ${escaped(said)}`];
  });
  const body = rows.length > 0 ? rows.join('<br/>') : escaped(type);
  const div = `<div xmlns="http://www.w3.org/1999/xhtml"><p>${body}</p></div>`;
  return { ...resource, text: { status: 'generated', div } };
}

/** The words for a value of any type that narratives tell; undefined where it has none. */
function shown(of: Json | undefined): string | undefined {
  if (typeof of === 'string') return text(of);
  if (typeof of === 'number' || typeof of === 'boolean') return String(of);
  if (Array.isArray(of)) {
    if (of.some((one) => isJsonObject(one) && (one.given !== undefined || one.family !== undefined)))
      return nameText(of);
    return joined(of.map(shown), ', ');
  }
  return isJsonObject(of) ? shownObject(of) : undefined;
}

function shownObject(of: JsonObject): string | undefined {
  if (of.given !== undefined || of.family !== undefined) return nameText(of);
  if (of.coding !== undefined || of.text !== undefined) return conceptText(of);
  if (of.value !== undefined && typeof of.value === 'number') {
    return joined([text(of.comparator), String(of.value), text(of.unit) ?? text(of.code)], ' ');
  }
  if (of.start !== undefined || of.end !== undefined) return `${text(of.start) ?? ''} – ${text(of.end) ?? ''}`.trim();
  if (of.low !== undefined || of.high !== undefined) return joined([shown(of.low), shown(of.high)], ' – ');
  if (of.numerator !== undefined) return joined([shown(of.numerator), shown(of.denominator)], ' / ');
  if (of.display !== undefined) return text(of.display);
  return shownBackbone(of) ?? text(of.value) ?? text(of.code);
}

/** Components, reactions, places and the like: what names them and what they say. */
function shownBackbone(of: JsonObject): string | undefined {
  if (isJsonObject(of.code)) {
    const said = value.slice(1).find((name) => of[name] !== undefined);
    return joined([conceptText(of.code), said === undefined ? undefined : shown(of[said])], ' ');
  }
  if (of.manifestation !== undefined) return shown(of.manifestation);
  if (of.location !== undefined) return shown(of.location);
  if (of.agent !== undefined) return shown(of.agent);
  if (of.actor !== undefined) return shown(of.actor);
  const item = of.itemCodeableConcept ?? of.itemReference ?? of.item;
  if (item !== undefined) return joined([shown(item), shown(of.strength ?? of.amount)], ' ');
  if (of.ingredient !== undefined || of.form !== undefined) return joined([shown(of.form), shown(of.ingredient)], ': ');
  if (of.reason !== undefined || of.reasonNotGiven !== undefined) return shown(of.reason ?? of.reasonNotGiven);
  if (isJsonObject(of.type) && of.value !== undefined)
    return joined([conceptText(of.type), text(of.name) ?? text(of.value)], ' ');
  const grouping = Object.keys(of).filter((name) => name.endsWith('Display'));
  return grouping.length > 0
    ? joined(
        grouping.map((name) => shown(of[name])),
        ', ',
      )
    : undefined;
}

function joined(words: readonly (string | undefined)[], by: string): string | undefined {
  const said = words.filter((word) => word !== undefined && word !== '');
  return said.length > 0 ? said.join(by) : undefined;
}

/** XML text: markup escaped, characters that XML forbids left out, lines kept. */
function escaped(words: string): string {
  return words
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll(/\r\n?|\n/g, '<br/>');
}
