import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adt, map, pid, pv1 } from './mapped.js';

test('segments in an order of the sender are all mapped to the patient and visit of the message', () => {
  const { resources } = map(
    adt('A01', pid, 'DG1|1||J02.9^Pharyngitis^I10|||A', 'IN1|1|HMO1|I1|Blue', 'AL1|1||^Latex', pv1, 'NK1|1|Doe^John'),
  );
  const types = resources.map((resource) => resource['resourceType']);
  for (const type of ['Condition', 'Coverage', 'AllergyIntolerance', 'Encounter', 'RelatedPerson']) {
    assert.ok(types.includes(type), type);
  }
});

test('segments without rules yet are named, not lost in silence', () => {
  const { mapped } = map(adt('A01', pid, 'ZZZ|1|x', pv1, 'XX1|1'));
  assert.ok(mapped.diagnostics.some((found) => found.code === 'segment-unknown' && found.at.startsWith('XX1')));
});

test('an allergy by AL1 never takes the number of one by IAM, nor an insured person that of the next of kin', () => {
  const { all } = map(
    adt('A08', pid, 'NK1|1|Doe^John|SPO', 'AL1|1||1^A^L', 'IAM|1||2^B^L||||77', 'IN1|1|P|I|||||||||||||Roe^Max|OTH'),
  );
  assert.deepEqual(
    all('AllergyIntolerance').map((each) => each['id']),
    ['.12345.1_L', '.12345..77'].map((id) => `NORTH${id}`),
  );
  assert.deepEqual(
    all('RelatedPerson').map((each) => each['id']),
    ['NORTH.12345.doe_john.SPO_', 'NORTH.12345.roe_max.OTH_'],
  );
});

test('AL1-6 is when the allergy was identified: no onset, neither its own nor that of a reaction', () => {
  const allergy = map(adt('A08', pid, 'AL1|1||1^A^L|SV|Rash|20200101')).one('AllergyIntolerance');
  assert.equal(allergy['recordedDate'], '2020-01-01');
  assert.equal(allergy['onsetDateTime'], undefined);
  assert.deepEqual(allergy['reaction'], [{ manifestation: [{ text: 'Rash' }] }]);
});

test('an empty field makes no empty resource', () => {
  const { resources } = map(adt('A08', pid, 'AL1|1', 'DG1|1', 'IN1|1', 'NK1|1', 'IAM|1'));
  assert.deepEqual(
    resources.map((resource) => resource['resourceType']),
    ['Organization', 'Patient'],
  );
});

test('a deleted diagnosis leaves the visit too', () => {
  const { mapped } = map(adt('A08', pid, pv1, `DG1|1||J02.9^Pharyngitis^I10|||A${'|'.repeat(15)}D`));
  const item = (value: string) =>
    mapped.drafts
      .find((draft) => draft.type === 'Encounter')
      ?.elements.find((element) => element.kind === 'item' && element.path === value);
  assert.equal(item('diagnosis')?.value, null);
  const kept = map(adt('A08', pid, pv1, 'DG1|1||J02.9^Pharyngitis^I10|||A')).mapped.drafts;
  const made = kept.flatMap((draft) => draft.elements).find((element) => element.path === 'diagnosis');
  assert.equal(made?.item, item('diagnosis')?.item);
});

test('the insured is the patient, a relative of one key with the next of kin, or another person', () => {
  const insured = (relation: string, more = '') =>
    map(adt('A08', pid, more, `IN1|1|P|I1|Blue||||||||||||Doe^John|${relation}`)).one('Coverage')['subscriber'];
  assert.deepEqual(insured('SEL'), { reference: 'Patient/NORTH.12345' });
  assert.deepEqual(insured('SPO'), { reference: 'RelatedPerson/NORTH.12345.doe_john.SPO_' });
  const both = map(adt('A08', pid, 'NK1|1|Doe^John|SPO', 'IN1|1|P|I1|Blue||||||||||||Doe^John|SPO'));
  assert.equal(new Set(both.all('RelatedPerson').map((each) => each['id'])).size, 1);
});

test('an insurer without a number is shown by its name, one without a name by its plan', () => {
  const payor = (segment: string) => map(adt('A08', pid, segment)).one('Coverage')['payor'];
  assert.deepEqual(payor('IN1|1|P1^Gold||Blue Cross'), [{ display: 'Blue Cross' }]);
  assert.deepEqual(payor('IN1|1|P1^Gold'), [{ display: 'Gold' }]);
});

test('the patient type stands after the admission type, and alone where there is none', () => {
  const types = (visit: string) =>
    (map(adt('A01', pid, visit)).one('Encounter')['type'] as { coding: { code: string }[] }[]).map(
      (type) => type.coding[0]?.code,
    );
  const pad = (count: number) => '|'.repeat(count);
  assert.deepEqual(types(`PV1|1|I||R${pad(14)}IP|V1`), ['R', 'IP']);
  assert.deepEqual(types(`PV1|1|I${pad(16)}IP|V1`), ['IP']);
});
