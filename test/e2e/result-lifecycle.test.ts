/** Results and orders over time, through socket and facade: what came last by its own time is shown, in whatever order it arrives. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { framed } from '../support/mllp-session.js';
import { RawClient } from '../support/raw-client.js';
import { runWardline } from '../support/running-wardline.js';

/** A result of one patient, at a minute past noon. */
function result(patient: string, minute: number, status: string, value: string): string {
  return [
    `MSH|^~\\&|LAB|NORTH|W|W|202405031200${minute}+0200||ORU^R01|${patient}R${minute}|P|2.5.1`,
    `PID|1||${patient}^^^NORTH^MR||Doe^Ann`,
    `OBR|1|P${patient}^OE|F${patient}^LAB|24323-8^CMP^LN|||20240503110000+0200|||||||||||||||||F`,
    `OBX|1|NM|2951-2^Sodium^LN|1|${value}|mmol/L|||||${status}`,
  ].join('\r');
}

function order(patient: string, minute: number, control: string, status: string): string {
  return [
    `MSH|^~\\&|OE|NORTH|W|W|202405031200${minute}+0200||ORM^O01|${patient}O${minute}|P|2.5.1`,
    `PID|1||${patient}^^^NORTH^MR||Doe^Ann`,
    `ORC|${control}|P${patient}^OE|||${status}||||20240503100000+0200`,
    `OBR|1|P${patient}^OE||24323-8^CMP^LN`,
  ].join('\r');
}

test('results and orders end as their last message says, in any order of arrival', { timeout: 60_000 }, async (t) => {
  const wardline = await runWardline(t);
  const client = await RawClient.connect(wardline.north.mllpPort);
  t.after(() => client.close());
  const histories: readonly (readonly string[])[] = [
    [result('1', 10, 'P', '140'), result('1', 11, 'F', '141'), result('1', 12, 'C', '142')],
    [result('2', 10, 'F', '140'), result('2', 11, 'D', '140')],
    [result('3', 10, 'F', '140'), result('3', 11, 'D', '140'), result('3', 12, 'C', '143')],
    [result('4', 10, 'F', '140'), result('4', 11, 'W', '140')],
    [order('5', 10, 'NW', ''), order('5', 11, 'CA', '')],
    [order('6', 10, 'NW', ''), order('6', 11, 'HD', ''), order('6', 12, 'RL', '')],
  ];
  // Each history in its own order and, for patients numbered 10 higher, the other way round.
  const later = (text: string): string =>
    text
      .replace(/(PID\|1\|\|)(\d)/, '$11$2')
      .replace(/([PF])(\d)(\^(?:OE|LAB))/g, '$11$2$3')
      .replace(/\|(\d[RO]\d\d\|)/, '|1$1');
  let sent = 0;
  for (const message of [...histories.flat(), ...histories.flatMap((each) => each.map(later).reverse())]) {
    client.write(framed(Buffer.from(message)));
    await client.replies(++sent);
  }
  await wardline.settled();
  const fhir = await wardline.north.fhir('R4');
  const shown = async (type: string, patient: string): Promise<string[]> => {
    const [person] = await fhir.find(`Patient?identifier=${patient}`);
    assert.ok(person, patient);
    const found = await fhir.find(`${type}?patient=${person.id}`);
    return found.map((resource) => {
      const quantity = resource['valueQuantity'] as { value?: number } | undefined;
      return [resource['status'], quantity?.value].filter((each) => each !== undefined).join(' ');
    });
  };
  for (const ahead of ['', '1']) {
    assert.deepEqual(await shown('Observation', `${ahead}1`), ['corrected 142'], `${ahead}1`);
    assert.deepEqual(await shown('Observation', `${ahead}2`), [], `${ahead}2`);
    assert.deepEqual(await shown('Observation', `${ahead}3`), ['corrected 143'], `${ahead}3`);
    assert.deepEqual(await shown('Observation', `${ahead}4`), ['entered-in-error 140'], `${ahead}4`);
    assert.deepEqual(await shown('ServiceRequest', `${ahead}5`), ['revoked'], `${ahead}5`);
    assert.deepEqual(await shown('ServiceRequest', `${ahead}6`), ['active'], `${ahead}6`);
  }
});
