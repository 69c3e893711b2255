/**
 * What the rules read, against what the standard calls it. `field-names/` pairs each field, by its name in the dictionary, with the elements that
 * it fills and the conditions, keys and facts that it decides; each pair was read against the standard and the guide. So a rule that reads the
 * field beside the one it means fails here, even where the expectations of a case were printed from it. Two checks go without the table: the data
 * type of a field fits the data type map, and a code is read by the HL7 table of its field.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { type Definition, type Dictionary, type FieldDefinition, loadDictionary } from '../../src/hl7/dictionary.js';
import { type FieldRead, fieldReads } from './field-reads.js';
import { compiledWith, projectMapping } from './mapped.js';

/** By place, its name and what it is read for: `PID-7: { Date/Time of Birth: [Patient.birthDate] }`; `*` is every type of resource. */
type Table = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

const table = readTable();
const reads = fieldReads(projectMapping().common);

test('every place that a rule reads is called what the table says, and read for what the table pairs with it', (t) => {
  t.diagnostic(`${new Set(reads.map(pairOf)).size} pairs of ${Object.keys(table).length} places`);
  assert.ok(reads.length > 3_000);
  assert.deepEqual(unpaired(reads), []);
});

test('no pair of the table is without a rule', () => {
  const made = new Set(reads.flatMap((read) => [pairOf(read), pairOf({ ...read, target: anyType(read.target) })]));
  const left = Object.entries(table).flatMap(([place, names]) =>
    Object.entries(names).flatMap(([name, targets]) =>
      targets.filter((target) => !made.has(pairOf({ place, name, target }))).map((target) => `${place} ${target}`),
    ),
  );
  assert.deepEqual(left, []);
});

test('a rule that reads the field beside the one it means is found', () => {
  const wrong = ['GT1[RelatedPerson]/GT1-37 GT1-38', 'IN3[Coverage]/IN3-21 IN3-22', 'PID[Patient]/PID-5 PID-6'];
  const rules = wrong.map((each) => each.split(' ')).map(([rule, from]) => `{ override: "${rule}", from: ${from} }`);
  const layer = `layer: site\nrules: [${rules.join(', ')}]\n`;
  const found = unpaired(fieldReads(compiledWith({ 'mappings/layers/site/wrong.yaml': layer }).common));
  for (const [rule, from] of wrong.map((each) => each.split(' '))) {
    assert.ok(
      found.some((text) => text.startsWith(`${rule}: ${from} `)),
      rule,
    );
  }
});

/** Types that are read alike: the newer one is the older one with more components, or with one. */
const alike: Readonly<Record<string, readonly string[]>> = {
  CWE: ['CE', 'CNE', 'CF', 'ID', 'IS'],
  ID: ['IS'],
  CX: ['CK', 'CM_PAT_ID', 'ST'],
  XPN: ['PN', 'ST'],
};

/** Where the data type map is of another type than the field, and why that fits: a place or a type, and the type of the map. */
const otherType: Readonly<Record<string, string>> = {
  'NDL XCN': 'senders of old versions send a CN, of which an XCN is more',
  'CWE RPT':
    'the interval of TQ: its code is the first part of a repeat pattern and its text the second, as the map reads them',
  'AL1-5 CWE': 'a text in the standard, and often sent with a code',
  'IAM-5 CWE': 'a text in the standard, and often sent with a code',
  'RQ1-3 CWE': 'the number in a catalogue is a code of who made the catalogue',
  'RQ1-5 CWE': 'the number in a catalogue is a code of who made the catalogue',
  'UB2-6.1.1 ID': 'the code of a value code, whose first component has no type of its own',
  'ORC-7 RXE': 'a dosage is made of all fields around it; this one only says that there is one',
};

test('the data type of a field fits the data type map that it is handed to', () => {
  const wrong = new Set<string>();
  const needed = new Set<string>();
  for (const { rule, place, types, via } of reads) {
    if (via === undefined || types.length === 0 || types.includes('VARIES')) continue;
    const source = via.slice(0, via.indexOf('['));
    if (types.some((type) => type === source || alike[source]?.includes(type))) continue;
    const reason = [`${place} ${source}`, ...types.map((type) => `${type} ${source}`)].find((key) => key in otherType);
    if (reason === undefined) wrong.add(`${rule}: ${place} is ${types.join(' or ')}, not ${source}`);
    else needed.add(reason);
  }
  assert.deepEqual([...wrong], []);
  assert.deepEqual(
    Object.keys(otherType).filter((key) => !needed.has(key)),
    [],
  );
});

/** Codes that are read by another table than the dictionary names for the field, and why. */
const otherTable: Readonly<Record<string, string>> = {
  'CX HL70203': 'the whole CX is read for its type, as the tenant’s list of authorities may give it',
  'RPT.1.1 HL70335': 'Q6H: the unit in the code of a repeat pattern',
  'RPT.3 HL70527': 'the day of the week in a phase of one',
  'TQ.3 HL70335': 'D7: the unit in a duration',
  'RXE-22 HL70335': 'H1: the unit in a text',
  'RXO-17 HL70335': 'H1: the unit in a text',
  'MSH-26 HL70952': 'a field of version 2.9, which the dictionary lacks',
  'OBX-27 HL70914': 'a field of version 2.9, which the dictionary lacks',
  'OBX-29 HL70936': 'a field of version 2.9, which the dictionary lacks',
  'OBX-30 HL70937': 'a field of version 2.9, which the dictionary lacks',
  'PRT-23 HL70185': 'a field of version 2.9, which the dictionary lacks',
  'CDO-4.2.1 HL70924': 'a segment of version 2.9, which the dictionary lacks',
  'OBR-5 HL70485': 'codes of table 0485, which OBR-5 and TQ.6 had without a number',
  'OBR-27.6 HL70485': 'codes of table 0485, which OBR-5 and TQ.6 had without a number',
  'ORC-7.6 HL70485': 'codes of table 0485, which OBR-5 and TQ.6 had without a number',
  'RXE-1.6 HL70485': 'codes of table 0485, which OBR-5 and TQ.6 had without a number',
  'OBR-15.1 HL70487': 'the codes of table 0070 stand in 0487, its successor',
  'SAC-6.1 HL70487': 'the codes of table 0070 stand in 0487, its successor',
  'OBR-15.6 HL70376': 'F and R, which the guide takes for a condition',
  'OBX-5 HL70064': 'the answer to the question for eligibility (64994-7)',
  'PRT-4 HL70443': 'the function of a performer is of table 0443 by FHIR’s value set',
  'UB2-6.1.1 HL70153': 'the dictionary names no table for components of 2.5 and later',
  'UB2-7.1.1 HL70350': 'the dictionary names no table for components of 2.5 and later',
  'UB2-8.1.1 HL70351': 'the dictionary names no table for components of 2.5 and later',
  'IN2-72 HL70063': 'senders write the words of IN1-17 there too',
};

test('a code is read by the HL7 table of its field', async () => {
  const tables = await tablesOfFields();
  const wrong = new Set<string>();
  const needed = new Set<string>();
  for (const { rule, place, tables: named } of reads) {
    for (const name of named) {
      if (tables.get(place)?.has(name) === true) continue;
      const key = `${place} ${name}`;
      if (key in otherTable) needed.add(key);
      else wrong.add(`${rule}: ${place} has ${[...(tables.get(place) ?? [])].join(' or ') || 'no table'}, not ${name}`);
    }
  }
  assert.deepEqual([...wrong], []);
  assert.deepEqual(
    Object.keys(otherTable).filter((key) => !needed.has(key)),
    [],
  );
});

/** HL7 tables by place over all versions. */
async function tablesOfFields(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const dictionary = await loadDictionary();
  const tables = new Map<string, ReadonlySet<string>>();
  for (const place of new Set(reads.flatMap(({ place, tables: named }) => (named.length > 0 ? [place] : [])))) {
    const found = new Set(dictionary.versions.flatMap((version) => tableAt(dictionary, place, version) ?? []));
    tables.set(place, found);
  }
  return tables;
}

function tableAt(dictionary: Dictionary, place: string, version: string): string | undefined {
  const [root = '', ...positions] = place.split('.');
  const [, segment = '', field = ''] = /^([A-Z][A-Z0-9]{2})-(\d+)$/.exec(root) ?? [];
  let part: Pick<FieldDefinition, 'type' | 'table'> | undefined =
    field === '' ? { type: root } : fieldAt(dictionary.segment(segment, version), field);
  for (const position of positions) {
    const whole = part === undefined ? undefined : dictionary.dataType(part.type, version);
    // the first component of a type without components is the value itself
    if (whole?.fields.length !== 0 || position !== '1') part = fieldAt(whole, position);
  }
  return part?.table;
}

function fieldAt(definition: Definition | undefined, position: string): FieldDefinition | undefined {
  return definition?.fields.find((field) => field.position === Number(position));
}

function unpaired(all: readonly FieldRead[]): string[] {
  const wrong = all.filter(({ place, name, target }) => {
    const targets = table[place]?.[name] ?? [];
    return !targets.includes(target) && !targets.includes(anyType(target));
  });
  return [...new Set(wrong.map(({ rule, place, name, target }) => `${rule}: ${place} (${name}) for ${target}`))];
}

function pairOf({ place, name, target }: Pick<FieldRead, 'place' | 'name' | 'target'>): string {
  return `${place} ${name} ${target}`;
}

function anyType(target: string): string {
  return target.replace(/^[A-Z]\w*\./, '*.');
}

function readTable(): Table {
  const folder = join('test', 'mapping', 'field-names');
  const parts = readdirSync(folder).map((file) => parse(readFileSync(join(folder, file), 'utf8')) as Table);
  return Object.assign({}, ...parts) as Table;
}
