import { Option } from 'commander';
import { basePath, type FhirVersion, fhirVersions } from '../fhir/version.js';

/** `--fhir r4|stu3|dstu2` */
export function fhirOption(): Option {
  return new Option('-f, --fhir <version>', 'FHIR version')
    .choices(fhirVersions.map((version) => basePath[version]))
    .default(basePath.R4);
}

/** The version that the option names. */
export function versionNamed(name: string): FhirVersion {
  return fhirVersions.find((version) => basePath[version] === name) ?? 'R4';
}
