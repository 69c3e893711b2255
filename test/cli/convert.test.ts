import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runProgram } from './run-program.js';

interface Bundle {
  readonly resourceType: string;
  readonly type: string;
  readonly entry: readonly { readonly resource: { readonly resourceType: string; readonly id: string } }[];
}

const types = ({ entry }: Bundle) => new Set(entry.map(({ resource }) => resource.resourceType));

describe('wardline convert', () => {
  it('prints a collection Bundle per message, the same at every run', async () => {
    const first = await runProgram(['convert', 'samples/adt-a01.hl7', 'samples/oru-r01-vitals.hl7']);
    assert.equal(first.code, 0);
    const bundles = first.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Bundle);
    assert.deepEqual(
      bundles.map(({ resourceType, type }) => [resourceType, type]),
      [
        ['Bundle', 'collection'],
        ['Bundle', 'collection'],
      ],
    );
    const [admission, vitals] = bundles;
    assert.ok(admission && vitals);
    for (const type of ['Patient', 'Encounter', 'Location']) {
      assert.ok(types(admission).has(type), type);
    }
    assert.ok(types(vitals).has('Observation'));
    const again = await runProgram(['convert', 'samples/adt-a01.hl7', 'samples/oru-r01-vitals.hl7']);
    assert.equal(again.stdout, first.stdout);
  });

  for (const version of ['r4', 'stu3', 'dstu2']) {
    it(`makes of all samples what is valid in ${version}`, async () => {
      const converted = await runProgram(['convert', '--fhir', version, 'samples']);
      const { code, stdout } = await runProgram(['validate', '--fhir', version], { input: converted.stdout });
      assert.match(stdout, /\d+ checked, 0 errors\n$/);
      assert.equal(code, 0);
    });
  }

  it('traces every element to its rule and field, and says what became of each field', async () => {
    const { stdout } = await runProgram(['convert', '--trace', 'samples/adt-a01.hl7']);
    const { bundle, trace } = JSON.parse(stdout);
    assert.equal(bundle.resourceType, 'Bundle');
    const rules = trace.elements.map(({ rule }: { rule: string }) => rule);
    assert.ok(rules.includes('PID[Patient]/PID-8'));
    const fates = new Set(trace.fields.map(({ fate }: { fate: string }) => fate));
    assert.ok(fates.has('mapped'));
    const born = trace.elements.find(({ path }: { path: string }) => path === 'birthDate');
    assert.deepEqual(born.labels, ['Date/Time of Birth']);
    const name = trace.fields.find(({ field }: { field: string }) => field === 'PID[1]-5[1].1');
    assert.equal(name.label, 'Patient Name, Family Name');
  });

  it('says that its ids are no server’s, and refuses names that nobody knows', async () => {
    const { stdout } = await runProgram(['convert', '--help']);
    assert.match(stdout, /Ids are made under a fixed, public key[\s\S]*they differ from every server's/);
    for (const [flag, name, says] of [
      ['--charset', 'klingon', /HL7 table 0211/],
      ['--zone', 'Mars/Base', /IANA time zone/],
      ['--fhir', 'r5', /Allowed choices are r4, stu3, dstu2/],
    ] as const) {
      const refused = await runProgram(['convert', flag, name, 'samples/adt-a01.hl7']);
      assert.deepEqual([refused.code, refused.stdout], [2, '']);
      assert.match(refused.stderr, says);
    }
  });

  it('ends with 1 and says why for what has no mapping or cannot be read', async () => {
    const unmapped = await runProgram(['convert'], { input: 'MSH|^~\\&|A|B|||2026||ZZZ^Z99|X1|P|2.5\rPID|1||1\r' });
    assert.equal(unmapped.code, 1);
    assert.match(unmapped.stderr, /^-: unmapped: \S+\n$/);
  });
});
