import type { FhirVersion } from './version.js';

const moved = 'http://terminology.hl7.org/CodeSystem/';
const republished = 'http://hl7.org/fhir/CodeSystem/';

/** Code systems whose name changed besides their place: R4 name to the name under http://hl7.org/fhir/. */
const otherNames: Readonly<Record<string, string>> = {
  'allergyintolerance-clinical': 'allergy-clinical-status',
  'allergyintolerance-verification': 'allergy-verification-status',
  'claim-type': 'ex-claimtype',
  'medicationdispense-status': 'medication-dispense-status',
  'medicationrequest-category': 'medication-request-category',
  'medicationrequest-intent': 'medication-request-intent',
  'medicationrequest-status': 'medication-request-status',
  'subscriber-relationship': 'policyholder-relationship',
};

/**
 * The URI under which a version knows a code system that R4 names `uri`.
 * R4 moved HL7's code systems to terminology.hl7.org: v2 tables, v3 systems and FHIR's own.
 */
export function renderSystemUri(version: FhirVersion, uri: string): string {
  if (version === 'R4') return uri;
  const name = uri.startsWith(moved)
    ? uri.slice(moved.length)
    : uri.startsWith(republished)
      ? uri.slice(republished.length)
      : undefined;
  if (name === undefined || name === '') return uri;
  if (name.startsWith('v2-')) return `http://hl7.org/fhir/v2/${name.slice(3).replace('|', '/')}`;
  if (name.startsWith('v3-')) return `http://hl7.org/fhir/v3/${name.slice(3)}`;
  return `http://hl7.org/fhir/${Object.hasOwn(otherNames, name) ? otherNames[name] : name}`;
}
