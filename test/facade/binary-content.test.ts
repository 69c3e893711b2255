import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fhirVersions } from '../../src/fhir/version.js';
import { north } from '../auth/open-auth.js';
import { openFacade, writeResources } from './open-facade.js';

const id = '0b7e7a52-0000-8000-8000-00000000d001';
const odd = '0b7e7a52-0000-8000-8000-00000000d002';
const bytes = Buffer.from([0x25, 0x50, 0x44, 0x46, 0x2d, 0, 255, 254, 10]);

test('a Binary is read as what it holds where that is asked for, else as the resource', async (t) => {
  const facade = await openFacade(t);
  const data = bytes.toString('base64');
  const scripted = { resourceType: 'Binary', id: odd, contentType: 'text/html\r\nx: y', data };
  await writeResources(
    facade.store,
    north,
    [{ resourceType: 'Binary', id, contentType: 'application/pdf', data }, scripted],
    facade.auth.clock.now(),
  );
  for (const version of fhirVersions) {
    // the validator of other answers reads JSON alone
    const get = (path: string, headers: Record<string, string>) =>
      facade.app.inject({
        url: `/fhir/${version.toLowerCase()}/${path}`,
        headers: { authorization: facade.northToken, ...headers },
      });
    for (const accept of ['application/pdf', 'image/*, Application/PDF;q=0.9', 'text/plain, application/pdf']) {
      const answer = await get(`Binary/${id}`, { accept });
      assert.equal(answer.statusCode, 200, answer.payload);
      assert.deepEqual(answer.rawPayload, bytes);
      assert.equal(answer.headers['content-type'], 'application/pdf');
      assert.equal(answer.headers['content-disposition'], 'attachment');
      assert.match(String(answer.headers['content-security-policy']), /sandbox/);
      assert.equal(answer.headers['x-content-type-options'], 'nosniff');
      const tag = String(answer.headers['etag']);
      assert.equal((await get(`Binary/${id}`, { accept, 'if-none-match': tag })).statusCode, 304);
      const whole = await get(`Binary/${id}`, {});
      assert.notEqual(whole.headers['etag'], tag, 'another body has another tag');
    }
    for (const accept of ['*/*', 'application/fhir+json', 'application/pdf, application/fhir+json', 'application/*']) {
      const { body } = await facade.get(version, `/Binary/${id}`, { accept });
      assert.deepEqual([body.resourceType, body.data ?? body.content], ['Binary', data]);
    }
    const refused: [path: string, accept: string, status: number][] = [
      [`Binary/${id}`, 'image/png', 406],
      [`Binary/${id}`, 'application/pdf;q=0', 406],
      [`Binary/${id}`, 'application/fhir+xml', 406],
      [`Binary/${odd}`, 'text/html', 406],
      ['Binary/nobody', 'application/pdf', 404],
      ['Binary', 'application/pdf', 406],
      [`Binary/${id}/_history/1`, 'application/pdf', 406],
      ['Patient/nobody', 'application/pdf', 406],
    ];
    for (const [path, accept, status] of refused) {
      const answer = await get(path, { accept });
      assert.equal(answer.statusCode, status, `${path} ${accept}`);
      assert.equal(JSON.parse(answer.payload).resourceType, 'OperationOutcome');
    }
    const foreign = await get(`Binary/${id}`, { accept: 'application/pdf', authorization: facade.southToken });
    assert.equal(foreign.statusCode, 404);
  }
  const read = (await facade.audited()).filter(({ subject }) => subject === `Binary/${id}`);
  assert.ok(read.some(({ outcome, tenant }) => outcome === 'granted' && tenant === north));
});
