import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import type { Fault } from '../../src/core/errors.js';
import { startIntake } from '../../src/intake/intake.js';
import type { ListenerSettings } from '../../src/intake/listener-settings.js';
import { certificate, certificatePath } from '../support/certificates.js';
import { RawClient } from '../support/raw-client.js';
import {
  acknowledged,
  adt,
  frame,
  type Installation,
  install,
  plainListener,
  temporaryFolder,
} from './installation.js';

const south = '99999999-2222-4333-8444-555555555555';

const serverTls = {
  key: certificatePath('server-key.pem'),
  cert: certificatePath('server.pem'),
  ca: certificatePath('ca.pem'),
  requireClientCertificate: false,
};

async function tlsClient(t: TestContext, here: Installation, keyPair?: string): Promise<RawClient> {
  const identity =
    keyPair === undefined ? {} : { key: certificate(`${keyPair}-key.pem`), cert: certificate(`${keyPair}.pem`) };
  const client = await RawClient.connectTls(here.port, { ca: certificate('ca.pem'), ...identity });
  t.after(() => client.close());
  return client;
}

test('messages over TLS', async (t) => {
  const here = await install(t, { listener: { tls: serverTls } });
  const client = await tlsClient(t, here);
  client.write(Buffer.concat([frame(adt('M1')), frame(adt('M2'))]));
  assert.deepEqual((await client.replies(2)).flatMap(acknowledged), ['AA M1', 'AA M2']);
});

for (const secure of [false, true]) {
  test(`a sender that ends its side at once still gets its acknowledgements${secure ? ', over TLS' : ''}`, async (t) => {
    const here = await install(t, secure ? { listener: { tls: serverTls } } : {});
    const client = secure ? await tlsClient(t, here) : await here.client();
    client.write(Buffer.concat([frame(adt('M1')), frame(adt('M2'))]));
    client.socket.end();
    assert.deepEqual((await client.replies(2)).flatMap(acknowledged), ['AA M1', 'AA M2']);
    await client.closed();
  });
}

test('mutual TLS takes certificates of its authority only', async (t) => {
  const here = await install(t, { listener: { tls: { ...serverTls, requireClientCertificate: true } } });
  for (const keyPair of [undefined, 'stranger']) {
    const refused = await tlsClient(t, here, keyPair);
    refused.write(frame(adt('M1')));
    await refused.closed();
    assert.equal(refused.received, 0);
  }
  assert.equal(await here.events('handshake-failed'), 2);
  const known = await tlsClient(t, here, 'client');
  known.write(frame(adt('M2')));
  assert.deepEqual((await known.replies(1)).flatMap(acknowledged), ['AA M2']);
  assert.equal((await here.rows()).length, 1);
});

test('a changed certificate serves new connections; one that does not fit changes nothing', async (t) => {
  const folder = temporaryFolder(t);
  const cert = join(folder, 'cert.pem');
  copyFileSync(certificatePath('server.pem'), cert);
  const here = await install(t, { listener: { tls: { ...serverTls, cert } } });
  const nameOf = (client: RawClient) => (client.socket as TLSSocket).getPeerCertificate().subject.CN;
  const before = await tlsClient(t, here);
  assert.equal(nameOf(before), 'localhost');
  copyFileSync(certificatePath('stranger.pem'), cert);
  here.intake.reloadCertificates();
  assert.equal(nameOf(await tlsClient(t, here)), 'localhost');
  assert.match(here.logged(), /cannot be used, the earlier ones stay/);
  copyFileSync(certificatePath('server-renewed.pem'), cert);
  here.intake.reloadCertificates();
  assert.equal(nameOf(await tlsClient(t, here)), 'localhost renewed');
  before.write(frame(adt('M1')));
  assert.deepEqual((await before.replies(1)).flatMap(acknowledged), ['AA M1']);
});

const foreign = [
  { name: 'an HTTP request on a plain port', bytes: 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', tls: false, event: 'http' },
  {
    name: 'a TLS hello on a plain port',
    bytes: '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    tls: false,
    event: 'tls-on-plain',
  },
  { name: 'a plain frame on a TLS port', bytes: `\x0b${adt('M1')}\x1c\r`, tls: true, event: 'plain-on-tls' },
  {
    name: 'an HTTP request on a TLS port',
    bytes: 'POST / HTTP/1.1\r\nHost: x\r\n\r\n',
    tls: true,
    event: 'plain-on-tls',
  },
] as const;

for (const { name, bytes, tls, event } of foreign) {
  test(`${name}: closed and counted`, async (t) => {
    const here = await install(t, { listener: tls ? { tls: serverTls } : {} });
    const client = await here.client();
    client.write(bytes);
    await client.closed();
    assert.equal(client.frames.length, 0);
    assert.equal(await here.events(event), 1);
    assert.equal(here.logged().match(new RegExp(`"event":"${event}"`, 'g'))?.length, 1);
    assert.doesNotMatch(here.logged(), /Muster|4711|Host/);
    assert.equal((await here.rows()).length, 0);
  });
}

test('one connection too many is refused at once, and free again later', async (t) => {
  const here = await install(t, { listener: { maxConnections: 2 } });
  const [first, second] = [await here.client(), await here.client()];
  first.write(frame(adt('M1')));
  await first.replies(1);
  const third = await here.client();
  await third.closed();
  assert.equal(await here.events('too-many-connections'), 1);
  assert.match(here.logged(), /"event":"too-many-connections"/);
  second.close();
  let fourth = await here.client();
  fourth.write(frame(adt('M2')));
  // The listener may hear of the free place a moment after the sender has left it.
  while ((await fourth.replies(1).catch(() => undefined)) === undefined) {
    fourth = await here.client();
    fourth.write(frame(adt('M2')));
  }
  assert.deepEqual(fourth.frames.flatMap(acknowledged), ['AA M2']);
});

const allowLists = [
  { allow: ['127.0.0.1'], admitted: true },
  { allow: ['10.0.0.0/8', '127.0.0.0/8'], admitted: true },
  { allow: ['10.0.0.0/8', '2001:db8::/32', '127.0.0.2'], admitted: false },
] as const;

for (const { allow, admitted } of allowLists) {
  for (const host of ['127.0.0.1', '::']) {
    test(`allow-list ${allow.join(', ')} on ${host}: ${admitted ? 'admitted' : 'refused'}`, async (t) => {
      const here = await install(t, { listener: { allow, host } });
      const client = await here.client();
      if (admitted) {
        client.write(frame(adt('M1')));
        assert.deepEqual((await client.replies(1)).flatMap(acknowledged), ['AA M1']);
      } else {
        await client.closed();
        assert.equal(await here.events('not-allowed'), 1);
        assert.match(here.logged(), /"event":"not-allowed"/);
      }
    });
  }
}

test('listeners of one process go each by settings of their own', async (t) => {
  const here = await install(t);
  const second: Partial<ListenerSettings>[] = [
    { name: 'plain' },
    { name: 'enhanced', ack: 'enhanced', checkProcessingIds: ['P'] },
    { name: 'south', tenant: south, maxFrameBytes: 100 },
    { name: 'secure', tls: serverTls, maxConnections: 1 },
  ];
  const intake = await startIntake(
    second.map((over) => ({ ...plainListener, ...over })),
    here.parts,
  );
  t.after(() => intake.stop(0));
  const port = (name: string) => intake.listening().find((one) => one.name === name)?.address.port ?? 0;
  const open = async (name: string) => {
    const client =
      name === 'secure'
        ? await RawClient.connectTls(port(name), { ca: certificate('ca.pem') })
        : await RawClient.connect(port(name));
    t.after(() => client.close());
    return client;
  };
  const answer = async (name: string, message: string) => {
    const client = await open(name);
    client.write(frame(message));
    return client.replies(1).then(
      (replies) => replies.flatMap(acknowledged)[0],
      () => 'closed',
    );
  };
  assert.equal(await answer('plain', adt('M1', { 11: 'T' })), 'AA M1');
  assert.equal(await answer('enhanced', adt('M2')), 'CA M2');
  assert.equal(await answer('enhanced', adt('M3', { 11: 'T' })), 'CR M3');
  assert.equal(await answer('secure', adt('M4')), 'AA M4');
  assert.equal(await answer('south', adt('M5')), 'closed');
  assert.equal(await answer('south', adt('M6').slice(0, 80)), 'AA M6');
  assert.equal(await answer('secure', adt('M7')), 'closed', 'its one connection is taken');
  assert.deepEqual(
    (await here.rows()).map(({ listener, tenant: of, controlId }) => `${listener} ${of === south} ${controlId}`),
    ['plain false M1', 'enhanced false M2', 'enhanced false M3', 'secure false M4', 'south true M6'],
  );
});

test('a listener that cannot be had: says which, and none listens', async (t) => {
  const here = await install(t);
  const free = { ...plainListener, name: 'free', port: 0 };
  const wrong = [
    {
      settings: { ...plainListener, port: here.port },
      code: 'port-in-use',
      says: /listener adt: port \d+ of 127\.0\.0\.1 is in use/,
    },
    {
      settings: { ...plainListener, host: '192.0.2.1' },
      code: 'config-invalid',
      says: /listener adt: port 0 of 192\.0\.2\.1/,
    },
    { settings: { ...plainListener, allow: ['10.0.0.0/64'] }, code: 'config-invalid', says: /"10\.0\.0\.0\/64"/ },
    {
      settings: { ...plainListener, tls: { ...serverTls, cert: certificatePath('stranger.pem') } },
      code: 'config-invalid',
      says: /listener adt: key and certificate/,
    },
    {
      settings: {
        ...plainListener,
        tls: { key: serverTls.key, cert: serverTls.cert, requireClientCertificate: true },
      },
      code: 'config-invalid',
      says: /listener adt: mutual TLS needs/,
    },
  ];
  for (const { settings, code, says } of wrong) {
    await assert.rejects(
      startIntake([free, settings], here.parts),
      (error: Fault) => error.code === code && says.test(error.message),
    );
  }
});

test('stopping: no new connection, what was read is made durable and acknowledged, then the end', async (t) => {
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  let asked: () => void = () => undefined;
  const appending = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const here = await install(t, {
    parts: ({ archive }) => ({
      archive: {
        ...archive,
        async append(entries) {
          asked();
          await gate;
          return archive.append(entries);
        },
      },
    }),
  });
  const [busy, idle] = [await here.client(), await here.client()];
  busy.write(Buffer.concat([frame(adt('M1')), frame(adt('M2')), Buffer.from('\x0bMSH|^~', 'latin1')]));
  await appending;
  const stopped = here.intake.stop();
  await idle.closed();
  await (await here.client()).closed();
  assert.equal(busy.frames.length, 0);
  open();
  assert.deepEqual((await busy.replies(2)).flatMap(acknowledged), ['AA M1', 'AA M2']);
  await busy.closed();
  await stopped;
  assert.equal((await here.rows()).length, 2);
  assert.equal(here.enqueued.length, 2);
});

test('stopping does not wait for ever', async (t) => {
  const here = await install(t, {
    parts: ({ archive }) => ({
      archive: {
        ...archive,
        append: (entries) => new Promise((resolve) => setTimeout(() => resolve(archive.append(entries)), 100)),
      },
    }),
  });
  const client = await here.client();
  client.write(frame(adt('M1')));
  await here.reach(async () => (client.socket.bytesWritten > 0 ? 1 : 0), 1);
  await here.intake.stop(0);
  await client.closed();
  assert.equal(client.frames.length, 0);
});

test('a sender that takes no acknowledgements is not read on; one beside it is', async (t) => {
  const here = await install(t);
  const deaf = await here.client();
  deaf.socket.pause();
  const long = 'M'.repeat(180_000);
  const sent = 120;
  for (let n = 0; n < sent; n++) deaf.write(frame(adt(`${long}${n}`)));
  const other = await here.client();
  other.write(frame(adt('M1')));
  assert.deepEqual((await other.replies(1)).flatMap(acknowledged), ['AA M1']);
  assert.ok(deaf.socket.writableLength > 0, 'the sender is held back');
  deaf.socket.resume();
  const replies = await deaf.replies(sent);
  assert.deepEqual(
    replies.map((reply) => acknowledged(reply)[0]?.slice(3 + long.length)),
    Array.from({ length: sent }, (_, n) => String(n)),
  );
});
