import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { createLog } from '../../src/core/log.js';
import { north } from '../auth/open-auth.js';
import { openFacade } from './open-facade.js';
import { ids } from './sample-resources.js';

test('who read which patient, when, from which client; never what was searched for', async (t) => {
  const facade = await openFacade(t);
  await facade.form('STU3', '/Patient/_search', 'family=chaudhary&secret word=x');
  await facade.get('R4', `/Observation/${ids.oldPulse}`);
  await facade.request('GET', `/fhir/r4/Patient/${ids.anna}`);
  await facade.get('R4', '/Patient/nobody');
  await facade.get('R4', '/metadata');
  const before = (await facade.audited()).length;
  const entry = [`Patient/${ids.bert}`, 'Condition'].map((url) => ({ request: { method: 'GET', url } }));
  await facade.post('R4', '', { resourceType: 'Bundle', type: 'batch', entry });
  const events = await facade.audited();
  assert.equal(before, 4, 'metadata shows nothing of anybody');
  const told = events.map((event) => [event.action, event.subject, event.outcome, event.status, event.client]);
  assert.deepEqual(told, [
    ['search', 'Patient', 'granted', 200, 'north-app'],
    ['read', `Observation/${ids.oldPulse}`, 'granted', 200, 'north-app'],
    ['unknown', '', 'denied', 401, null],
    ['read', 'Patient/other', 'failed', 404, 'north-app'],
    ['read', `Patient/${ids.bert}`, 'granted', 200, 'north-app'],
    ['search', 'Condition', 'granted', 200, 'north-app'],
  ]);
  assert.deepEqual(events[0]?.parameters, ['family', 'other']);
  assert.deepEqual(
    events.map(({ patients }) => patients),
    [[ids.anna], [ids.anna], [], [], [ids.bert], [ids.anna]],
  );
  assert.ok(events.every((event) => event.tenant === (event.client === null ? null : north)));
  assert.ok(events.every((event) => event.address === '127.0.0.1' && event.at > 0));
  assert.doesNotMatch(JSON.stringify(events), /chaudhary|secret word/i);
});

test('what cannot be recorded is not shown', async (t) => {
  const facade = await openFacade(t);
  await facade.closeAudit();
  for (const answer of [
    await facade.get('R4', `/Patient/${ids.anna}`),
    await facade.get('DSTU2', '/Patient'),
    await facade.request('GET', '/fhir/r4/Patient/1'),
    await facade.post('R4', '', {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [{ request: { method: 'GET', url: `Patient/${ids.anna}` } }],
    }),
  ]) {
    assert.equal(answer.status, 503);
    assert.equal(answer.body.resourceType, 'OperationOutcome');
    assert.doesNotMatch(answer.text, /Chaudhary/);
  }
  const token = await facade.request('POST', '/oauth2/token', {}, 'grant_type=client_credentials');
  assert.equal(token.status, 503);
  assert.equal((await facade.get('R4', '/metadata')).status, 200);
});

test('nothing of a patient in logs', async (t) => {
  const lines: string[] = [];
  const to = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const facade = await openFacade(t, { log: createLog({ level: 'debug', plain: false, to }) });
  const canary = 'Zyxwvut';
  await facade.get('R4', `/Patient?family=${canary}&${canary}=1`);
  await facade.form('STU3', '/Patient/_search', `family=${canary}`);
  await facade.get('R4', `/${canary}/${canary}?x=${canary}`);
  await facade.get('R4', `/Patient/${canary}/%zz`);
  await facade.get('R4', `/Patient/${canary}`, { authorization: `Bearer ${canary}` });
  await facade.request(
    'POST',
    '/oauth2/token',
    {},
    `grant_type=client_credentials&client_id=${canary}&client_secret=x`,
  );
  await facade.request('POST', `/fhir/r4?${canary}`, { 'content-type': 'application/json' }, `{"${canary}":`);
  assert.ok(lines.length >= 6);
  assert.doesNotMatch(lines.join(''), new RegExp(canary, 'i'));
  assert.match(lines.join(''), /"route":"GET r4 Patient\?"/);
});

test('every interaction that shows a patient names the patient, and every refusal is told', async (t) => {
  const facade = await openFacade(t);
  const narrow = await facade.tokenOf('narrow', north, ['system/Location.read']);
  const pulse = await facade.get('R4', `/Observation/${ids.oldPulse}`);
  const tag = String(pulse.headers['etag']);
  const shown = [
    `/Patient/${ids.anna}`,
    `/Patient/${ids.anna}/_history/1`,
    `/Patient/${ids.anna}/_history`,
    '/Patient/_history',
    '/_history',
    `/Patient?_id=${ids.anna}&_elements=gender`,
    `/Observation?_id=${ids.oldPulse}&_elements=status`,
    `/Provenance?target=Patient/${ids.anna}`,
  ];
  const last = async () => (await facade.audited()).at(-1);
  for (const path of shown) {
    assert.equal((await facade.get('R4', path)).status, 200, path);
    const event = await last();
    assert.ok(event?.patients.includes(ids.anna) && event.outcome === 'granted', path);
    assert.equal((await facade.get('R4', path, { authorization: narrow })).status, 403, path);
    assert.deepEqual(
      [(await last())?.outcome, (await last())?.client, (await last())?.patients],
      ['denied', 'narrow', []],
    );
  }
  assert.equal((await facade.get('R4', `/Observation/${ids.oldPulse}`, { 'if-none-match': tag })).status, 304);
  assert.ok((await last())?.patients.includes(ids.anna), 'not modified tells that it is there');
  assert.equal((await facade.get('R4', `/Patient/${ids.anna}`, { authorization: 'Bearer x' })).status, 401);
  assert.deepEqual([(await last())?.outcome, (await last())?.tenant], ['denied', null]);
});
