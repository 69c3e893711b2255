import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { createClient } from '../../src/auth/clients.js';
import { fault } from '../../src/core/errors.js';
import type { AuditEvent } from '../../src/store/audit-port.js';
import { north, openAuth } from '../auth/open-auth.js';
import { certificate, certificatePath } from '../support/certificates.js';
import { adt, type Installation, type InstallationOptions, install, temporaryFolder } from './installation.js';

interface Door {
  readonly here: Installation;
  readonly audited: AuditEvent[];
  post(body: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  readonly headers: Readonly<Record<string, string>>;
}

/** A listener of HTTP and a client that may send to it. `audit` stands before each record is taken. */
async function open(
  t: TestContext,
  options: InstallationOptions = {},
  audit: () => Promise<void> = async () => undefined,
): Promise<Door> {
  const auth = await openAuth(t);
  const { client, secret } = await createClient(auth.registry, auth.clock, {
    name: 'Sender',
    tenants: [north],
    scopes: ['hl7:send'],
  });
  await auth.copy.refresh();
  const form = { grant_type: 'client_credentials', client_id: client.id, client_secret: secret };
  const { body } = await auth.token(new URLSearchParams({ ...form, scope: `${north} hl7:send` }).toString());
  const audited: AuditEvent[] = [];
  const here = await install(t, {
    listener: { tenant: north, http: { trustedProxies: [] }, ...options.listener },
    parts: (parts) => ({
      ...options.parts?.(parts),
      http: {
        verifier: auth.verifier,
        audit: {
          append: async (events) => {
            await audit();
            audited.push(...events);
          },
        },
      },
    }),
  });
  const headers = { authorization: `Bearer ${body['access_token']}`, 'content-type': 'application/hl7-v2' };
  const url = `http://127.0.0.1:${here.port}`;
  const post: Door['post'] = (message, more = {}) =>
    fetch(url, { method: 'POST', headers: { ...headers, ...more }, body: message });
  return { here, audited, headers, post };
}

test('nothing is answered before the archive has called the message durable', async (t) => {
  let commit: () => void = () => undefined;
  let reached: () => void = () => undefined;
  const atArchive = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const door = await open(t, {
    parts: ({ archive }) => ({
      archive: {
        ...archive,
        append: async (entries) => {
          const held = new Promise<void>((resolve) => {
            commit = resolve;
          });
          reached();
          await held;
          return archive.append(entries);
        },
      },
    }),
  });
  let answered = false;
  const answer = door.post(adt('M1')).then((response) => {
    answered = true;
    return response;
  });
  await atArchive;
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(answered, false);
  assert.deepEqual(door.audited, []);
  commit();
  assert.match(await (await answer).text(), /MSA\|AA\|M1/);
  assert.deepEqual(
    door.here.enqueued.map(({ tenant }) => tenant),
    [north],
  );
});

test('what cannot be stored is answered 503, never by an acknowledgement, and is taken when it comes again', async (t) => {
  let full = true;
  const door = await open(t, {
    parts: ({ archive }) => ({
      archive: {
        ...archive,
        append: async (entries) => {
          if (full) throw fault('disk-full', 'the disk is full');
          return archive.append(entries);
        },
      },
    }),
  });
  for (const id of ['M1', 'M2']) {
    const answer = await door.post(adt(id));
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '10']);
    assert.match(answer.headers.get('content-type') ?? '', /^text\/plain/);
    assert.match(await answer.text(), /could not be stored.*send it again/);
  }
  full = false;
  assert.match(await (await door.post(adt('M1'))).text(), /MSA\|AA\|M1/);
  assert.deepEqual(
    door.audited.map(({ outcome, status }) => `${outcome} ${status}`),
    ['failed 503', 'failed 503', 'granted 200'],
  );
  assert.equal(door.here.logged().match(/messages cannot be stored/g)?.length, 1);
});

test('low disk: 503, as long as it lasts', async (t) => {
  const door = await open(t, { parts: () => ({ minFreeDisk: Number.MAX_SAFE_INTEGER }) });
  assert.equal((await door.post(adt('M1'))).status, 503);
  assert.equal((await door.here.rows()).length, 0);
});

test('every send is recorded before its answer; without the record there is none', async (t) => {
  let broken = false;
  const door = await open(t, {}, async () => {
    if (broken) throw fault('audit-unavailable', 'the audit is full');
  });
  assert.equal((await door.post(adt('M1'))).status, 200);
  const [event] = door.audited;
  assert.deepEqual(
    [event?.action, event?.subject, event?.tenant, event?.outcome, event?.patients],
    ['message-send', 'adt', north, 'granted', []],
  );
  assert.notEqual(event?.client, null);
  broken = true;
  const answer = await door.post(adt('M2'));
  assert.equal(answer.status, 503);
  assert.doesNotMatch(await answer.text(), /MSA/);
  broken = false;
  assert.match(await (await door.post(adt('M2'))).text(), /MSA\|AA\|M2/);
  assert.equal(await door.here.received('repeat'), 1, 'coming again doubles nothing');
});

test('many at a time are each answered; after a stop nothing more is taken', async (t) => {
  const door = await open(t);
  const answers = Promise.all(Array.from({ length: 20 }, (_, n) => door.post(adt(`M${n}`))));
  assert.deepEqual(
    (await answers).map(({ status }) => status),
    Array.from({ length: 20 }, () => 200),
  );
  await door.here.intake.stop();
  await assert.rejects(door.post(adt('LATE')));
  assert.equal((await door.here.rows()).length, 20);
});

test('the allow-list goes by the sender: its connection, or what a trusted proxy says of it', async (t) => {
  const closed = await open(t, { listener: { allow: ['10.0.0.0/8'] } });
  await assert.rejects(closed.post(adt('M1')));
  assert.equal(await closed.here.events('not-allowed'), 1);
  const forged = await open(t, { listener: { allow: ['127.0.0.1'] } });
  assert.equal(
    (await forged.post(adt('M1'), { 'x-forwarded-for': '192.0.2.1' })).status,
    200,
    'nobody is believed here',
  );
  const proxied = await open(t, { listener: { allow: ['10.0.0.0/8'], http: { trustedProxies: ['127.0.0.1'] } } });
  assert.equal((await proxied.post(adt('M1'), { 'x-forwarded-for': '10.1.2.3' })).status, 200);
  assert.equal((await proxied.post(adt('M2'), { 'x-forwarded-for': '192.0.2.1' })).status, 403);
  assert.deepEqual(
    (await proxied.here.rows()).map(({ controlId, peer }) => [controlId, peer]),
    [['M1', '10.1.2.3']],
  );
});

test('a changed certificate serves new connections; one that does not fit changes nothing', async (t) => {
  const cert = join(temporaryFolder(t), 'cert.pem');
  copyFileSync(certificatePath('server.pem'), cert);
  const tls = { key: certificatePath('server-key.pem'), cert, requireClientCertificate: false };
  const { here } = await open(t, { listener: { tls } });
  const name = async (): Promise<unknown> => {
    const socket = connectTls({ port: here.port, host: '127.0.0.1', ca: certificate('ca.pem') });
    await once(socket, 'secureConnect');
    const { CN } = socket.getPeerCertificate().subject;
    socket.destroy();
    return CN;
  };
  assert.equal(await name(), 'localhost');
  copyFileSync(certificatePath('stranger.pem'), cert);
  here.intake.reloadCertificates();
  assert.equal(await name(), 'localhost');
  copyFileSync(certificatePath('server-renewed.pem'), cert);
  here.intake.reloadCertificates();
  assert.equal(await name(), 'localhost renewed');
});
