/** Pharmacy orders and what is dispensed over time, through socket and facade: the same end in any order of arrival. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { framed } from '../support/mllp-session.js';
import { RawClient } from '../support/raw-client.js';
import { runWardline } from '../support/running-wardline.js';

type Step = (patient: string, minute: number) => string;

const step =
  (sender: string, type: string, control: string, ...rest: readonly string[]): Step =>
  (patient, minute) =>
    [
      `MSH|^~\\&|${sender}|NORTH|W|W|202405031200${minute}+0200||${type}|${patient}M${minute}|P|2.8`,
      `PID|1||${patient}^^^NORTH^MR||Doe^Ann`,
      `ORC|${control}|P${patient}^OE|F${patient}^PH||||||20240503100000+0200`,
      ...rest,
    ].join('\r');
const written = (control: string, ...rest: readonly string[]) => step('OE', 'OMP^O09^OMP_O09', control, ...rest);
const encoded = (control: string, ...rest: readonly string[]) => step('PH', 'RDE^O11^RDE_O11', control, ...rest);
const dispensed = (control: string) =>
  step('PH', 'RDS^O13^RDS_O13', control, 'RXD|1|M1^Prednisone^L|20240503|20||TAB^Tablet^L|RX1');

const rxo = 'RXO|M1^Prednisone^L|10||mg';
const rxe = 'RXE||M1^Prednisone^L|10||mg';
const twice = 'TQ1|1||BID';
const thrice = 'TQ1|1||TID';

interface History {
  readonly about: string;
  readonly steps: readonly Step[];
  /** The order's status, then the text of each dosage. */
  readonly order: string;
  readonly dispense?: string;
}

const histories: readonly History[] = [
  {
    about: 'as encoded, where it was written otherwise: one dosage, never both',
    steps: [written('NW', twice, rxo), encoded('NW', rxe, thrice)],
    order: 'active 10 mg TID',
  },
  { about: 'changed', steps: [encoded('NW', twice, rxo, rxe), encoded('XO', rxe, thrice)], order: 'active 10 mg TID' },
  { about: 'held, by its ORC alone', steps: [encoded('NW', rxe, thrice), written('HD')], order: 'on-hold 10 mg TID' },
  {
    about: 'held and released',
    steps: [encoded('NW', rxe, twice), written('HD', rxo), encoded('RL', rxe)],
    order: 'active 10 mg BID',
  },
  { about: 'cancelled', steps: [written('NW', twice, rxo), written('CA', rxo)], order: 'cancelled 10 mg BID' },
  {
    about: 'stopped, by a message that says less of the dose',
    steps: [encoded('NW', rxe, twice), encoded('DC', 'RXE||M1^Prednisone^L')],
    order: 'stopped 10 mg BID',
  },
  {
    about: 'dispensed after it was stopped: stays stopped',
    steps: [encoded('NW', rxe, twice), encoded('DC', rxe), dispensed('RE')],
    order: 'stopped 10 mg BID',
    dispense: 'completed',
  },
  {
    about: 'a dispense taken back leaves its order',
    steps: [encoded('NW', rxe, twice), dispensed('RE'), dispensed('CA')],
    order: 'active 10 mg BID',
    dispense: 'cancelled',
  },
];

test('pharmacy orders end as their last message says, in any order of arrival', { timeout: 90_000 }, async (t) => {
  const wardline = await runWardline(t);
  const client = await RawClient.connect(wardline.north.mllpPort);
  t.after(() => client.close());
  let sent = 0;
  for (const [at, { steps }] of histories.entries()) {
    const messages = (patient: string) => steps.map((each, number) => each(patient, 10 + number));
    for (const message of [...messages(`${at}A`), ...messages(`${at}Z`).reverse()]) {
      client.write(framed(Buffer.from(message)));
      await client.replies(++sent);
    }
  }
  await wardline.settled();
  const fhir = await wardline.north.fhir('R4');
  for (const [at, { about, order, dispense }] of histories.entries()) {
    for (const patient of [`${at}A`, `${at}Z`]) {
      const [person] = await fhir.find(`Patient?identifier=${patient}`);
      assert.ok(person, patient);
      const orders = await fhir.find(`MedicationRequest?patient=${person.id}`);
      const shown = orders.map(({ status, dosageInstruction }) =>
        [status, ...((dosageInstruction ?? []) as unknown as { text: string }[]).map(({ text }) => text)].join(' '),
      );
      assert.deepEqual(shown, [order], `${about} (${patient})`);
      const dispenses = await fhir.find(`MedicationDispense?patient=${person.id}`);
      assert.deepEqual(
        dispenses.map(({ status }) => status),
        dispense === undefined ? [] : [dispense],
        `${about} (${patient})`,
      );
    }
  }
});
