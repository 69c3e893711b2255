import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient, revokeSecret } from '../../src/auth/clients.js';
import { openRegistryCopy } from '../../src/auth/registry-copy.js';
import { openTokenVerifier } from '../../src/auth/verify-token.js';
import { type Clock, systemClock } from '../../src/core/clock.js';
import { buildServer } from '../../src/facade/server.js';
import { north, publicUrl } from '../auth/open-auth.js';
import { openFacade } from './open-facade.js';
import { ids } from './sample-resources.js';

test('two facades over one registry: a secret revoked at one is refused by the other within a second', async (t) => {
  const facade = await openFacade(t);
  const { registry, clock } = facade.auth;
  const { secret, secretId } = await createClient(registry, clock, { id: 'app', name: 'App', tenants: [north] });
  await facade.auth.copy.refresh();
  const fields = { grant_type: 'client_credentials', client_id: 'app', client_secret: secret, scope: north };
  const { body } = await facade.request('POST', '/oauth2/token', {}, JSON.stringify(fields));
  const authorization = `Bearer ${body.access_token}`;

  // The other facade runs in real time, but for the date of the token.
  const time: Clock = { now: () => clock.now(), monotonic: () => systemClock.monotonic() };
  const copy = openRegistryCopy(registry, time);
  const other = buildServer({ ...facade.parts, clock: time, verifier: openTokenVerifier(copy, time, publicUrl) });
  t.after(async () => {
    copy.close();
    await other.close();
  });
  const status = async (): Promise<number> =>
    (await other.inject({ url: `/fhir/r4/Patient/${ids.anna}`, headers: { authorization } })).statusCode;
  assert.equal(await status(), 200);
  await revokeSecret(registry, clock, 'app', secretId);
  const start = systemClock.monotonic();
  for (;;) {
    const asked = systemClock.monotonic() - start;
    const answered = await status();
    if (answered === 401) break;
    assert.equal(answered, 200);
    assert.ok(asked < 1000, `what is asked after ${asked} ms is still served`);
    await new Promise((resolve) => setImmediate(resolve));
  }
});
