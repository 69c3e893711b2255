/** The concept maps of HL7's v2-to-FHIR guide, code by code: ours make the same of each, or it is named here why not. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { csv } from '../support/csv.js';
import { guideFolder, hasGuide } from '../support/needs.js';
import { projectMapping } from './mapped.js';

/** By table, or by table and code. */
const otherwise: Readonly<Record<string, string>> = {
  HL70276: 'appointments are no messages of these rules',
  HL70278: 'appointments are no messages of these rules',
  HL70399: 'a country is text in FHIR, and stands as it was sent',
  HL70003: 'what a visit becomes says mappings/events.yaml',
  'HL70004 encounter-status': 'the status of a visit comes from its events, not from the class of the patient',
  'HL70119 CA': 'who asks that an order be cancelled wants it no more; the filler may say otherwise',
  'HL70119 HD': 'who asks that an order be held wants it to wait',
  'HL70119 RQ': 'an order that is replaced is revoked',
  'HL70177 PSY': 'the code is one of v3’s ActCode, not of its Confidentiality',
  'HL70177 AID': 'the code is one of v3’s ActCode, not of its Confidentiality',
  'HL70177 HIV': 'the code is one of v3’s ActCode, not of its Confidentiality',
  HL70206: 'an action code is carried out: what it deletes is gone',
  'HL70202 SAT': 'a satellite telephone is a telephone',
  'HL70202 CP': 'the use of a cellular phone is mobile by a rule of XTN[ContactPoint]',
  HL70136: 'a yes is true by the type of the element',
};

test('each code of the guide’s concept maps is carried over, or has its reason', (t) => {
  if (!hasGuide(t)) return;
  const tables = [...projectMapping().common.parts.tables.values()];
  const needed = new Set<string>();
  const missing: string[] = [];
  let codes = 0;
  for (const { source, code, target, system } of guideCodes()) {
    codes++;
    const made = tables.flatMap((table) => {
      const row = table.name.startsWith(source) ? table.codes.get(code) : undefined;
      return row !== undefined && row.system === system ? [row.code] : [];
    });
    if (made.includes(target)) continue;
    const reason = [`${source} ${code}`, `${source} ${system.split('/').at(-1)}`, source].find(
      (key) => key in otherwise,
    );
    if (reason === undefined) missing.push(`${source} ${code} ${target} ${system}`);
    else needed.add(reason);
  }
  t.diagnostic(`${codes} codes of the guide`);
  assert.ok(codes > 500);
  assert.deepEqual(missing, []);
  assert.deepEqual(
    Object.keys(otherwise).filter((key) => !needed.has(key)),
    [],
    'reasons that no code needs',
  );
});

/** Codes that become others; a code that stays in its HL7 table needs no row. */
function* guideCodes(): Generator<{ source: string; code: string; target: string; system: string }> {
  const folder = join(guideFolder, 'codesystems');
  for (const file of readdirSync(folder).sort()) {
    for (const cells of csv(readFileSync(join(folder, file), 'utf8')).slice(2)) {
      const [code = '', , source = '', , , , target = '', , , system = ''] = cells.map((cell) => cell.trim());
      if (code === '' || target === '' || system === '' || !/^HL7\d{4}$/.test(source)) continue;
      if (system.endsWith(`/v2-${source.slice(3)}`)) continue;
      yield { source, code, target, system };
    }
  }
}
