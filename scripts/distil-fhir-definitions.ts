/**
 * Makes the data files of src/fhir/definitions/ from the distilled FHIR publications.
 *
 *   node dist/scripts/distil-fhir-definitions.js <folder with r4.json, stu3.json, dstu2.json, code-systems.json, NOTICE>
 *
 * What is carried: the resource types that Wardline serves and every data type they need, the codes of their required
 * value sets, their search parameters, and the code systems that mappings and displays use. Nested `id`, `extension` and
 * `modifierExtension` are left out (the reader adds them from Element and BackboneElement), as are defaults
 * (`min` 0, `max` "1").
 */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface SourceElement {
  min: number;
  max: string;
  types?: string[];
  targets?: string[];
  binding?: [string, string];
  summary?: boolean;
  contentReference?: string;
  invariants?: [string, string, string | null][];
  pattern?: string;
}

interface SourceType {
  kind: string;
  elements: Record<string, SourceElement>;
  invariants?: [string, string, string | null][];
  abstract?: boolean;
}

interface SourceParameter {
  type: string;
  expression?: string;
  target?: string[];
}

interface Source {
  fhirVersion: string;
  types: Record<string, SourceType>;
  /** `system|code` for each code; null where the codes cannot be listed (mime types, languages). */
  valueSets: Record<string, string[] | null>;
  searchParameters: Record<string, Record<string, SourceParameter>>;
}

const served = new Set(
  (
    'Patient Encounter Location Practitioner PractitionerRole Organization Observation DiagnosticReport ServiceRequest ' +
    'ProcedureRequest DiagnosticOrder Condition AllergyIntolerance MedicationRequest MedicationOrder MedicationStatement ' +
    'MedicationDispense Medication Coverage RelatedPerson Binary DocumentReference Specimen Account Procedure Flag ' +
    'Immunization Provenance MessageHeader Device Bundle OperationOutcome CapabilityStatement Conformance Parameters Basic'
  ).split(' '),
);
const alwaysCarried = ['Resource', 'DomainResource', 'Element', 'BackboneElement', 'Narrative', 'xhtml', 'uuid'];

/** v2 tables that only name messages, structures or countries' details; the dictionary knows those. */
const leftOutTables = new Set(['0003', '0076', '0354', '0396']);
const carriedV3 = new Set(
  (
    'ActCode ActMood ActPriority ActReason AdministrativeGender Confidentiality Ethnicity MaritalStatus NullFlavor ' +
    'ObservationInterpretation ObservationCategory ParticipationType ParticipationFunction ReligiousAffiliation RoleCode ' +
    'RouteOfAdministration ActSite SpecimenType TimingEvent GTSAbbreviation VaccineManufacturer RoleClass ' +
    'substanceAdminSubstitution orderableDrugForm LivingArrangement ObservationMethod EncounterSpecialCourtesy'
  ).split(' '),
);
const leftOutPrefixes =
  /^(contract|claim|copy-number|chromosome|evidence|measure|research|testscript|ex-|verificationresult|composite|insurance|plan-def|synthesis|payment|adjudication|variant|FDI|benefit|forms-codes|audit|smart-cap|standards|validation|dose-rate|conformance|expansion|codesystem|consent)/;

const folder = process.argv[2] ?? process.env.FHIR_DEFINITIONS;
if (folder === undefined) {
  console.error('usage: distil-fhir-definitions <folder of the distilled publications>');
  process.exit(2);
}
const target = join(process.cwd(), 'src/fhir/definitions');
const required = new Set<string>();
for (const version of ['r4', 'stu3', 'dstu2']) writeVersion(folder, version);
writeCodeSystems(folder);
copyFileSync(join(folder, 'NOTICE'), join(target, 'NOTICE'));

function writeVersion(from: string, version: string): void {
  const source = JSON.parse(readFileSync(join(from, `${version}.json`), 'utf8')) as Source;
  const names = neededTypes(source);
  const types: Record<string, unknown> = {};
  const valueSets: Record<string, string[]> = {};
  for (const name of names) {
    const type = source.types[name];
    if (type === undefined) continue;
    const elements: Record<string, unknown> = {};
    for (const [path, element] of Object.entries(type.elements)) {
      if (/\.(id|extension|modifierExtension)$/.test(path)) continue;
      elements[path] = compactElement(name, path, type, element);
      if (element.binding?.[0] !== 'required') continue;
      const codes = source.valueSets[element.binding[1]];
      if (codes === undefined || codes === null) continue;
      valueSets[element.binding[1]] = codes;
      for (const code of codes) required.add(code.slice(0, code.lastIndexOf('|')));
    }
    types[name] = {
      kind: type.kind === 'resource' ? 'resource' : elements.value && isPrimitive(name) ? 'primitive' : 'complex',
      ...(type.abstract === true ? { abstract: true } : {}),
      elements,
      ...(type.invariants === undefined ? {} : { invariants: type.invariants }),
    };
  }
  const searchParameters: Record<string, unknown> = {};
  for (const [type, parameters] of Object.entries(source.searchParameters)) {
    if (served.has(type)) searchParameters[type] = Object.fromEntries(Object.entries(parameters).filter(notCommon));
  }
  writeLines(`${version}.json`, { fhirVersion: source.fhirVersion, types, valueSets, searchParameters });
}

/** The parameters that every type has come from our own table (search-parameters.ts). */
function notCommon([name]: [string, SourceParameter]): boolean {
  return !name.startsWith('_');
}

function isPrimitive(name: string): boolean {
  return /^[a-z]/.test(name);
}

function compactElement(typeName: string, path: string, type: SourceType, element: SourceElement): unknown {
  const types = correctedTypes(typeName, path, type, element.types);
  return {
    ...(element.min === 0 ? {} : { min: element.min }),
    ...(element.max === '1' ? {} : { max: element.max }),
    ...(types === undefined ? {} : { types }),
    ...(element.targets === undefined ? {} : { targets: element.targets }),
    ...(element.binding === undefined ? {} : { binding: element.binding }),
    ...(element.summary === true ? { summary: true } : {}),
    ...(element.contentReference === undefined ? {} : { contentReference: element.contentReference }),
    ...(element.invariants === undefined ? {} : { invariants: element.invariants }),
    ...(element.pattern === undefined ? {} : { pattern: element.pattern }),
  };
}

/** R4 publishes `Resource.id` and `Extension.url` as FHIRPath strings; their FHIR types are id and uri. */
function correctedTypes(typeName: string, path: string, type: SourceType, types: string[] | undefined) {
  if (path === 'id' && type.kind === 'resource') return ['id'];
  if (path === 'url' && typeName === 'Extension') return ['uri'];
  return types;
}

function neededTypes(source: Source): string[] {
  const needed = new Set<string>();
  const open = [...served, ...alwaysCarried].filter((name) => source.types[name] !== undefined);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const type = source.types[name];
    if (type === undefined || needed.has(name)) continue;
    needed.add(name);
    for (const element of Object.values(type.elements)) {
      for (const of of element.types ?? []) if (source.types[of]?.kind !== 'resource') open.push(of);
    }
  }
  return [...needed].sort();
}

function writeCodeSystems(from: string): void {
  const source = JSON.parse(readFileSync(join(from, 'code-systems.json'), 'utf8')) as Record<
    string,
    Record<string, string | null>
  >;
  const kept: Record<string, Record<string, string>> = {};
  for (const [url, codes] of Object.entries(source)) {
    if (!isCarriedSystem(url)) continue;
    const shown = Object.entries(codes).filter((pair): pair is [string, string] => pair[1] !== null);
    if (shown.length > 0) kept[url] = Object.fromEntries(shown);
  }
  writeLines('code-systems.json', { systems: kept });
}

function isCarriedSystem(url: string): boolean {
  const name = url.slice(url.lastIndexOf('/') + 1);
  if (required.has(url)) return true;
  if (!url.startsWith('http://terminology.hl7.org/CodeSystem/')) return false;
  if (name.startsWith('v2-')) return !leftOutTables.has(name.slice(3));
  if (name.startsWith('v3-')) return carriedV3.has(name.slice(3));
  return !leftOutPrefixes.test(name);
}

/** One line for each member of each section, so that a change of the data can be read as a difference. */
function writeLines(file: string, data: Record<string, unknown>): void {
  const sections = Object.entries(data).map(([name, value]) => {
    if (typeof value !== 'object' || value === null) return `${JSON.stringify(name)}: ${JSON.stringify(value)}`;
    const lines = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${JSON.stringify(member)}`);
    return `${JSON.stringify(name)}: {\n${lines.join(',\n')}\n}`;
  });
  writeFileSync(join(target, file), `{\n${sections.join(',\n')}\n}\n`);
}
