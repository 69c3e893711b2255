import type { Definition, Dictionary } from '../src/hl7/dictionary.js';
import type { GroupGrammar } from '../src/hl7/grammar.js';
import { structureNames } from '../src/hl7/structures.js';

/** Fields that version 2.9 adds, as far as the v2-to-FHIR guide or our own rules read their segments: `OBX-29 ID Observation Type`. */
const ofVersion29 = `
ACC-13 EI Accident Identifier
CDO-1 SI Set ID - CDO
CDO-2 ID Action Code
CDO-3 CQ Cumulative Dosage Limit
CDO-4 CQ Cumulative Dosage Limit Time Interval
IN1-55 ID Insurance Action Code
IN3-26 CWE Certification Type
IN3-27 CWE Certification Category
MSH-26 CWE Security Classification Tag
MSH-27 CWE Security Handling Instructions
MSH-28 ST Special Access Restriction Instructions
NTE-9 CWE Coded Comment
OBX-4 OG Observation Sub-ID
OBX-27 CWE Root Cause
OBX-28 CWE Local Process Control
OBX-29 ID Observation Type
OBX-30 ID Observation Sub-Type
OBX-31 ID Action Code
OBX-32 CWE Observation Value Absent Reason
OBX-33 EIP Observation Related Specimen Identifier
ORC-4 EIP Placer Order Group Number
ORC-34 CWE Order Workflow Profile
ORC-35 ID Action Code
ORC-36 DR Order Status Date Range
ORC-37 DTM Order Creation Date/Time
ORC-38 EI Filler Order Group Number
PRT-16 EI UDI Device Identifier
PRT-17 DTM Device Manufacture Date
PRT-18 DTM Device Expiry Date
PRT-19 ST Device Lot Number
PRT-20 ST Device Serial Number
PRT-21 EI Device Donation Identification
PRT-22 CNE Device Type
PRT-23 CWE Preferred Method of Contact
PRT-24 PLN Contact Identifiers
RXA-29 EI Administered Tag Identifier
TXA-27 HD Creating Facility
TXA-28 CWE Creating Specialty
OBR-55 ID Action Code
RF1-13 DTM Planned Treatment Stop Date
RF1-14 ST Referral Reason Text
RF1-15 CQ Number of Authorized Treatments/Units
RF1-16 CQ Number of Used Treatments/Units
RF1-17 CQ Number of Schedule Treatments/Units
RF1-18 MO Remaining Benefit Amount
RF1-19 XON Authorized Provider
RF1-20 XCN Authorized Health Professional
RF1-21 ST Source Text
RF1-22 DTM Source Date
RF1-23 XTN Source Phone
RF1-24 ST Comment
RF1-25 ID Action Code
RXD-35 EI Dispense Tag Identifier
SPM-33 DTM Culture Start Date/Time
SPM-34 DTM Culture Final Date/Time
SPM-35 ID Action Code
OG-1 ST Original Sub-Identifier
OG-2 NM Group
OG-3 NM Sequence
OG-4 ST Identifier
`;

/** Segments that version 2.9 adds; of the fields of most nothing is known here. */
const segmentsOfVersion29 = 'BUI CDO CTR DON DPS DST GSC GSP GSR MCP OH1 OH2 OH3 OH4 OMC PM1 RXV SGH SGT'.split(' ');

interface Part {
  name: string;
  /** Newest first. */
  readonly types: Set<string>;
}

interface Whole {
  description: string;
  readonly parts: Part[];
}

/** Text of the module that holds what all versions together define of segments and data types. */
export function definitionTable(dictionary: Dictionary): string {
  const segments = new Map<string, Whole>();
  const types = new Map<string, Whole>();
  for (const version of dictionary.versions.toReversed()) {
    for (const name of dictionary.segmentNames(version)) add(segments, name, dictionary.segment(name, version));
    for (const name of dictionary.dataTypeNames(version)) add(types, name, dictionary.dataType(name, version));
  }
  for (const name of segmentsOfVersion29) {
    if (!segments.has(name)) segments.set(name, { description: '', parts: [] });
  }
  types.set('OG', { description: 'Observation Grouper', parts: [] });
  for (const line of ofVersion29.trim().split('\n')) {
    const [, name = '', position, type = '', label = ''] = /^(\w+)-(\d+) (\w+) (.+)$/.exec(line) ?? [];
    const whole = segments.get(name) ?? types.get(name);
    if (whole !== undefined) addPart(whole, Number(position), type, label);
  }
  return [
    '/** Made by scripts/distil-hl7-definitions.ts from hl7v2-dictionary; a test holds it current. */',
    '',
    '/** Segments: a line with name and description, then a line for each field in order: its types over the versions, newest first, and its name. */',
    `export const segmentLines = \`\n${written(segments)}\`;`,
    '',
    '/** Data types and their components, written alike. A primitive type has none. */',
    `export const typeLines = \`\n${written(types)}\`;`,
    '',
    '/** The groups of all message structures. */',
    `export const groupNames = \`\n${groupsOf(dictionary).join('\n')}\n\`;`,
    '',
  ].join('\n');
}

function groupsOf(dictionary: Dictionary): string[] {
  const names = new Set<string>();
  const collect = ({ members }: GroupGrammar): void => {
    for (const member of members) {
      if (member.kind !== 'group') continue;
      names.add(member.name);
      collect(member);
    }
  };
  for (const structure of structureNames()) {
    for (const version of dictionary.versions) {
      const grammar = dictionary.grammar(structure, version);
      if (grammar !== undefined) collect(grammar);
    }
  }
  return [...names].sort();
}

function add(wholes: Map<string, Whole>, name: string, definition: Definition | undefined): void {
  const whole = wholes.get(name) ?? { description: '', parts: [] };
  wholes.set(name, whole);
  if (whole.description === '') whole.description = plain(definition?.description ?? '');
  for (const { position, type, name: label } of definition?.fields ?? []) addPart(whole, position, type, label);
}

function addPart(whole: Whole, position: number, type: string, label: string): void {
  while (whole.parts.length < position) whole.parts.push({ name: '', types: new Set() });
  const part = whole.parts[position - 1];
  part?.types.add(type);
  if (part?.name === '') part.name = plain(label);
}

function plain(text: string): string {
  return text
    .replaceAll(/[`\\$]/g, "'")
    .replaceAll(/\s+/g, ' ')
    .trim();
}

function written(wholes: ReadonlyMap<string, Whole>): string {
  const names = [...wholes.keys()].sort();
  return names
    .map((name) => {
      const { description, parts } = wholes.get(name) ?? { description: '', parts: [] };
      const lines = parts.map((part) => `${[...part.types].join('/')} ${part.name}`.trimEnd());
      return [`${name} ${description}`.trimEnd(), ...lines, '', ''].join('\n');
    })
    .join('');
}
