import { basePath, type FhirVersion } from '../fhir/version.js';

/** A version's base under the public URL, without a slash at the end. */
export function baseUrl(publicUrl: string, version: FhirVersion): string {
  return `${publicUrl}/fhir/${basePath[version]}`;
}
