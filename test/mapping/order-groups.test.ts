/** Which orders a message speaks of: one for each OBR, with what the ORC before them says of all; and what a charge tells of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../src/core/json.js';
import { validateResource } from '../../src/fhir/validate.js';
import { adt, map, obr, oru, pid, pv1 } from './mapped.js';

function order(type: string, ...segments: string[]): string {
  return [`MSH|^~\\&|OE|NORTH|W|W|20240503111500||${type}|M3|P|2.5.1`, pid, ...segments].join('\n');
}

const orc = 'ORC|NW|P1^OE|F1^LAB||||||20240503100000+0200|||7^Roe^Al^^^^^^NORTH';
const glucose = 'OBR|1|P1^OE|F1^LAB|2345-7^Glucose^LN';
const sodium = 'OBR|2|P1^OE|F1^LAB|2951-2^Sodium^LN';

function told(request: JsonObject): unknown {
  const { code, authoredOn, requester, occurrenceTiming, note, orderDetail } = request as Record<string, JsonObject>;
  const repeat = occurrenceTiming?.['repeat'] as JsonObject | undefined;
  return {
    code: (code?.['coding'] as unknown as JsonObject[] | undefined)?.[0]?.['code'],
    authoredOn,
    requester: requester?.['display'],
    count: repeat?.['count'],
    notes: (note as unknown as JsonObject[] | undefined)?.map(({ text }) => text),
    details: (orderDetail as unknown as JsonObject[] | undefined)?.length,
  };
}

for (const type of ['OML^O21^OML_O21', 'OMG^O19^OMG_O19', 'ORM^O01^ORM_O01']) {
  test(`${type}: each OBR after one ORC is an order of its own`, () => {
    const { all, mapped } = map(
      order(type, orc, 'NTE|1||for both', 'TQ1|1|||||||||||||3', glucose, 'NTE|1||fasting', sodium, 'CTI|S1', 'CTI|S2'),
    );
    const shared = { authoredOn: '2024-05-03T10:00:00+02:00', requester: 'Al Roe', count: 3, details: undefined };
    assert.deepEqual(all('ServiceRequest').map(told), [
      { code: '2345-7', ...shared, notes: ['for both', 'fasting'] },
      { code: '2951-2', ...shared, notes: ['for both'] },
    ]);
    assert.deepEqual(
      all('ServiceRequest').map(({ id }) => id),
      ['placer.OE.P1', 'placer.OE.P1.2951-2_LN'],
    );
    for (const request of all('ServiceRequest')) {
      const studies = (request['extension'] as unknown as JsonObject[]).filter(({ url }) =>
        `${url}`.includes('researchStudy'),
      );
      assert.equal(studies.length, 2);
    }
    assert.deepEqual(
      mapped.diagnostics.filter(({ code }) => code === 'key-not-unique' || code === 'misplaced'),
      [],
    );
  });

  test(`${type}: an ORC without OBR stops the order that is known`, () => {
    const { one } = map(order(type, 'ORC|CA|P1^OE|F1^LAB'));
    assert.equal(one('ServiceRequest')['id'], 'placer.OE.P1');
    assert.equal(one('ServiceRequest')['status'], 'revoked');
  });

  test(`${type}: specimens, diagnoses and answers are those of their own OBR`, () => {
    const { all } = map(
      order(
        type,
        orc,
        glucose,
        'DG1|1||E11^Diabetes^I10',
        'OBX|1|ST|1^Fasting^L||yes',
        sodium,
        'DG1|1||I10^Hypertension^I10',
      ),
    );
    const [first, second] = all('ServiceRequest');
    assert.deepEqual(
      [first, second].map((request) =>
        [request?.['reasonReference'], request?.['supportingInfo']].map(
          (list) => (list as unknown as unknown[] | undefined)?.length,
        ),
      ),
      [
        [1, 1],
        [1, undefined],
      ],
    );
    assert.notDeepEqual(first?.['reasonReference'], second?.['reasonReference']);
  });
}

test('a diet of several ODS and a requisition of RQD and RQ1 are one order each', () => {
  const diet = map(order('ORM^O01^ORM_O01', orc, 'ODS|D||1^Low salt^L', 'ODS|P||2^No nuts^L'));
  assert.equal(diet.all('ServiceRequest').length, 1);
  const requisition = map(order('ORM^O01^ORM_O01', orc, 'RQD|1|I1^Gloves^L', 'RQ1|5'));
  assert.equal(requisition.all('ServiceRequest').length, 1);
});

const charges: readonly (readonly [kind: string, statuses: readonly string[]])[] = [
  ['CG', ['completed']],
  ['', ['completed']],
  ['CD', []],
  ['PY', []],
];

for (const [kind, statuses] of charges) {
  test(`a transaction of kind '${kind}' tells of ${statuses.length} services`, () => {
    const { all } = map(
      oru(obr, 'OBX|1|NM|2823-3^K^LN||4||||||F', `FT1|1|T1||20240503|20240503|${kind}|71045^X-ray^C4`),
    );
    assert.deepEqual(
      all('Procedure').map(({ status }) => status),
      statuses,
    );
  });
}

test('a financial class alone is a coverage whose payor is unknown, and valid', () => {
  const { one } = map(adt('A01', pid, `${pv1}|SP`));
  const coverage = one('Coverage');
  assert.deepEqual(
    validateResource('R4', coverage).filter(({ severity }) => severity === 'error'),
    [],
  );
  assert.deepEqual(coverage['payor'], [
    { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }] },
  ]);
});

const pathologist = '35&Samuel&Sue&&&Dr.&&&NORTH^20240503^20240504^Lab^2^^NORTH';

test('who interpreted a result, and where and when', () => {
  const { one } = map(oru(`${obr}${'|'.repeat(25)}${pathologist}`, 'OBX|1|NM|2823-3^K^LN||4||||||F'));
  const role = one('PractitionerRole');
  assert.deepEqual(role['period'], { start: '2024-05-03', end: '2024-05-04' });
  assert.equal((role['practitioner'] as JsonObject)['reference'], 'Practitioner/NORTH.35');
  assert.deepEqual(
    (role['location'] as unknown as JsonObject[]).map(({ display }) => display),
    ['Lab 2'],
  );
  assert.deepEqual(
    (one('DiagnosticReport')['resultsInterpreter'] as unknown as JsonObject[]).map(
      ({ reference }) => `${reference}`.split('/')[0],
    ),
    ['PractitionerRole'],
  );
});

test('an earlier result within an order brings its own order', () => {
  const { all, one } = map(
    order(
      'OML^O21^OML_O21',
      orc,
      glucose,
      'PV1|1|O',
      'ORC|SC|P7^OE|F7^LAB||CM',
      'OBR|1|||600-7^Culture^LN',
      'OBX|1|ST|600-7^Culture^LN||none||||||F',
    ),
  );
  assert.deepEqual(
    all('ServiceRequest').map(({ id }) => id),
    ['placer.OE.P1', 'placer.OE.P7'],
  );
  assert.deepEqual(one('DiagnosticReport')['basedOn'], [{ reference: 'ServiceRequest/placer.OE.P7' }]);
});

test('an order that nobody numbered is known by its group, else by what it asks for and when', () => {
  const unnumbered = 'OBR|1|||2345-7^Glucose^LN|||20240503';
  const ids = [
    ['ORC|NW|||G1^OE', unnumbered],
    ['ORC|NW', unnumbered],
  ].map((segments) => map(order('OML^O21^OML_O21', ...segments)).one('ServiceRequest')['id']);
  assert.deepEqual(ids, ['NORTH.12345.group.OE.G1.2345-7_LN', 'NORTH.12345.order.2345-7_LN.20240503']);
});

test('a document that stands with the order of a result by specimen', () => {
  const { one } = map(
    order(
      'OUL^R24^OUL_R24',
      glucose,
      'ORC|RE|P1^OE',
      'OBX|1|TX|1^Consent^L||agreed',
      'TXA|1|CN|TX|||||||||D1',
      'OBX|1|NM|2345-7^Glucose^LN||4||||||F',
    ),
  );
  assert.equal((one('DocumentReference')['masterIdentifier'] as JsonObject)['value'], 'D1');
  assert.equal((one('Observation')['valueQuantity'] as JsonObject)['value'], 4);
});

test('a result after the ORC of a specimen is no document', () => {
  const { all } = map(order('OUL^R24^OUL_R24', glucose, 'ORC|RE|P1^OE', 'OBX|1|NM|2345-7^Glucose^LN||4||||||F'));
  assert.deepEqual([all('Observation').length, all('DocumentReference').length], [1, 0]);
});

test('restricted access is told by results and orders too', () => {
  for (const text of [
    oru('ARV|1|A|DEM^Demographics^HL70717', obr),
    order('OML^O21^OML_O21', 'ARV|1|A|DEM^Demographics^HL70717', orc, glucose),
  ]) {
    const { one } = map(text);
    assert.equal((one('Patient')['meta'] as { security: JsonObject[] }).security[0]?.['code'], 'DEM');
    assert.equal(one('Flag')['status'], 'active');
  }
});

test('what ORC says only where OBR does not, it says alike in orders and in results, and for each OBR by itself', () => {
  const control =
    'ORC|SC|P1^OE|F1^LAB||SC|||P0&OE|20240503100000+0200|||||^WPN^PH^^^555^1111|||||||North Clinic^^^^^NORTH^^^^F1||||||||||||ALT1^^^OE';
  const service =
    'OBR|1|P1^OE|F1^LAB|K^Potassium^L||||||||||||D2^Two^Bob^^^^^^NORTH|^WPN^PH^^^555^2222||||||||F||||P0&OE';
  const full = `${service}${'|'.repeat(24)}ALT2^^^OE`;
  const orders = ['ORM^O01', 'OML^O21', 'OMG^O19', 'ORU^R01'].map((type) => {
    const header = `MSH|^~\\&|OE|NORTH|W|W|20240503101500||${type}|M1|P|2.8`;
    return map([header, 'PID|1||12345^^^NORTH^MR||Doe^Ann', control, full].join('\n')).one('ServiceRequest');
  });
  const [first, ...others] = orders;
  for (const order of others) {
    for (const element of ['identifier', 'basedOn', 'requester', 'authoredOn', 'extension']) {
      assert.deepEqual(order[element], first?.[element], element);
    }
  }
  assert.match(JSON.stringify(first), /ALT2.*555 2222|555 2222.*ALT2/);
  assert.doesNotMatch(JSON.stringify(first), /ALT1|555 1111/);
  const header = 'MSH|^~\\&|OE|NORTH|W|W|20240503101500||OML^O21|M1|P|2.8';
  const two = map([header, 'PID|1||12345^^^NORTH^MR||Doe^Ann', control, full, 'OBR|2|||NA^Sodium^L'].join('\n'));
  const [, second] = two.all('ServiceRequest');
  assert.match(JSON.stringify(second), /ALT1/);
  assert.match(JSON.stringify(second), /555 1111/);
  assert.doesNotMatch(JSON.stringify(second), /Bob Two/);
});
