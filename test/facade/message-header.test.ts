import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fhirVersions } from '../../src/fhir/version.js';
import { north, south } from '../auth/open-auth.js';
import { openFacade } from './open-facade.js';
import { ids } from './sample-resources.js';

const message = {
  arrival: Date.parse('2026-03-01T08:00:00Z'),
  listener: 'adt north',
  sender: 'HIS^1.2.3^ISO|NORTH',
  type: 'ADT^A01^ADT_A01',
  made: [
    { type: 'Patient', id: ids.anna },
    { type: 'Patient', id: ids.annaOld },
    { type: 'Nothing', id: 'x' },
  ],
};

test('MessageHeader tells of a message what can be told without its content, to its tenant alone', async (t) => {
  const facade = await openFacade(t, {
    messages: {
      get: async (tenant, { run, number }) => {
        if (tenant !== north || run !== 1) return undefined;
        return number === 1 ? message : number === 2 ? { ...message, type: '' } : undefined;
      },
    },
  });
  const narrow = await facade.tokenOf('narrow', north, ['system/MessageHeader.read']);
  for (const version of fhirVersions) {
    const { status, body, text } = await facade.get(version, '/MessageHeader/1-1');
    assert.equal(status, 200, text);
    assert.equal((body.eventCoding ?? body.event).code, 'A01');
    assert.deepEqual(
      [body.source.name, body.source.endpoint],
      ['HIS', 'urn:wardline:listener:adt%20north'],
      'the name of a listener is escaped',
    );
    assert.equal(body.timestamp, version === 'R4' ? undefined : '2026-03-01T08:00:00.000Z');
    const focus = version === 'DSTU2' ? body.data : body.focus;
    assert.deepEqual(
      focus,
      [{ reference: `Patient/${ids.anna}`, display: 'Dr. Anna Žofie Müller-Chaudhary' }],
      'numbers that were merged since are one patient',
    );
    assert.equal((await facade.get(version, '/MessageHeader/1-1', { authorization: facade.southToken })).status, 404);
    const seen = await facade.get(version, '/MessageHeader/1-1', { authorization: narrow });
    assert.equal(seen.body.focus ?? seen.body.data, undefined, 'who may not read patients is told of none');
    for (const id of ['1-2', '1-3', '2-1', '01-1', '1', 'a-b']) {
      assert.equal((await facade.get(version, `/MessageHeader/${id}`)).status, 404, id);
    }
    assert.equal((await facade.get(version, '/MessageHeader')).status, 400);
    const provenance = await facade.get(version, `/Provenance/Patient-${ids.anna}-1`);
    const [entity] = provenance.body.entity;
    const named = entity.reference ?? entity.whatReference?.reference ?? entity.what?.reference;
    assert.equal((await facade.get(version, `/${named}`)).status, 200, 'Provenance leads to it');
    const metadata = (await facade.get(version, '/metadata')).body.rest[0];
    // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
    const told = metadata.resource.find((one: any) => one.type === 'MessageHeader');
    assert.deepEqual(told.interaction, [{ code: 'read' }]);
  }
  const audited = await facade.audited();
  assert.ok(audited.some(({ subject, patients }) => subject === 'MessageHeader/1-1' && patients.includes(ids.anna)));
  assert.ok(audited.some(({ tenant, status }) => tenant === south && status === 404));
});
