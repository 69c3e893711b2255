import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { usualLimits } from '../../src/facade/facade-parts.js';
import { startFacade } from '../../src/facade/listen.js';
import { temporaryFolder } from '../store/embedded/temporary-folder.js';
import { certificate, certificatePath } from '../support/certificates.js';
import { openFacade } from './open-facade.js';

const loopback = { host: '127.0.0.1', port: 0, trustedProxies: [] };

/** Sends bytes and resolves with all that comes back until the other side closes. */
function exchange(port: number, ...chunks: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.on('data', (data) => {
      text += String(data);
    });
    socket.on('close', () => resolve(text));
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? resolve(text) : reject(error)));
    for (const chunk of chunks) socket.write(chunk);
  });
}

test('plain HTTP on loopback; a port in use and an open address are refused with one sentence', async (t) => {
  const { parts } = await openFacade(t);
  const facade = await startFacade(parts, loopback);
  t.after(() => facade.close());
  const answer = await fetch(`http://127.0.0.1:${facade.port}/fhir/r4/metadata`);
  assert.equal(answer.status, 200);
  await assert.rejects(startFacade(parts, { ...loopback, port: facade.port }), { code: 'port-in-use' });
  await assert.rejects(startFacade(parts, { ...loopback, host: '0.0.0.0' }), { code: 'config-invalid' });
});

test('behind a trusted proxy only it and this machine are served, and its X-Forwarded-For is believed', async (t) => {
  const { parts, audited } = await openFacade(t);
  const facade = await startFacade(parts, { host: '0.0.0.0', port: 0, trustedProxies: ['127.0.0.1/32'] });
  t.after(() => facade.close());
  const url = `http://127.0.0.1:${facade.port}/fhir/r4/Patient/1`;
  assert.equal((await fetch(url, { headers: { 'x-forwarded-for': '203.0.113.9' } })).status, 401);
  assert.equal((await audited()).at(-1)?.address, '203.0.113.9');
  const direct = await startFacade(parts, loopback);
  t.after(() => direct.close());
  await fetch(`http://127.0.0.1:${direct.port}/fhir/r4/Patient/1`, { headers: { 'x-forwarded-for': '203.0.113.9' } });
  assert.equal((await audited()).at(-1)?.address, '127.0.0.1', 'nobody else is believed');
});

test('behind a trusted proxy nobody else is answered in clear', async (t) => {
  const own = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address;
  if (own === undefined) return t.skip('SKIPPED: this machine has no address but loopback to come from');
  const { parts, audited } = await openFacade(t);
  const facade = await startFacade(parts, { host: '0.0.0.0', port: 0, trustedProxies: ['203.0.113.7'] });
  t.after(() => facade.close());
  const path = `:${facade.port}/fhir/r4/Patient/1`;
  await assert.rejects(fetch(`http://${own}${path}`), /fetch failed/);
  assert.deepEqual(await audited(), [], 'it did not come so far');
  assert.equal((await fetch(`http://127.0.0.1${path}`)).status, 401);
  const proxied = await startFacade(parts, { host: '0.0.0.0', port: 0, trustedProxies: [`${own}/32`] });
  t.after(() => proxied.close());
  assert.equal((await fetch(`http://${own}:${proxied.port}/fhir/r4/Patient/1`)).status, 401);
});

test('slow, oversized and malformed requests are cut or answered; others go on', async (t) => {
  const { parts } = await openFacade(t);
  const limits = { ...usualLimits, requestTimeout: 2_000, headerBytes: 4096 };
  const facade = await startFacade({ ...parts, limits }, loopback);
  t.after(() => facade.close());
  const [slowHead, slowBody, flood, garbage, normal] = await Promise.all([
    exchange(facade.port, 'GET /fhir/r4/metadata HTTP/1.1\r\nHost: x\r\n'),
    exchange(facade.port, 'POST /fhir/r4 HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{'),
    exchange(facade.port, `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(8192)}\r\n\r\n`),
    exchange(facade.port, 'NONSENSE\r\n\r\n'),
    fetch(`http://127.0.0.1:${facade.port}/fhir/r4/metadata`),
  ]);
  assert.match(slowHead, /^HTTP\/1.1 408/);
  assert.match(slowBody, /^(HTTP\/1.1 408|$)/);
  assert.match(flood, /^HTTP\/1.1 431/);
  assert.match(garbage, /^HTTP\/1.1 400/);
  assert.equal(normal.status, 200);
});

test('a client that does not read its answers is cut; others go on', { timeout: 60_000 }, async (t) => {
  const { parts } = await openFacade(t);
  const facade = await startFacade({ ...parts, limits: { ...usualLimits, requestTimeout: 2_000 } }, loopback);
  t.after(() => facade.close());
  const connections = (): Promise<number> =>
    new Promise((resolve, reject) =>
      facade.app.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
    );
  const served = async (): Promise<number> => {
    const answer = await fetch(`http://127.0.0.1:${facade.port}/fhir/r4/metadata`, {
      headers: { connection: 'close' },
    });
    const text = await answer.text();
    // a machine that stalls for longer than a request may take
    if (answer.status === 408) return served();
    assert.equal(answer.status, 200);
    return text.length;
  };
  const size = await served();
  // more than what the system keeps of unread bytes
  const count = Math.ceil((16 * 1024 * 1024) / size);
  const ask = 'GET /fhir/r4/metadata HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(count);
  let accepted = 0;
  facade.app.server.on('connection', () => accepted++);
  const deaf = Array.from({ length: 2 }, () =>
    connect(facade.port, '127.0.0.1')
      .on('error', () => undefined)
      .pause(),
  );
  for (const socket of deaf) socket.write(ask);
  while (accepted < deaf.length && !t.signal.aborted) await served();
  while ((await connections()) > 0 && !t.signal.aborted) await served();
  for (const socket of deaf) {
    // what the system had kept, and then the end
    let bytes = 0;
    socket.on('data', (data) => {
      bytes += data.length;
    });
    socket.resume();
    await new Promise((resolve) => (socket.closed ? resolve(undefined) : socket.once('close', resolve)));
    assert.ok(bytes < count * size, `not all was sent: ${bytes}`);
  }
});

/** The fingerprint of the certificate that a TLS port shows, and the first line that it answers. */
function overTls(port: number): Promise<{ fingerprint: string; line: string }> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      port,
      host: '127.0.0.1',
      ca: certificate('ca.pem'),
      checkServerIdentity: () => undefined,
    });
    const fingerprint = () => socket.getPeerCertificate().fingerprint256;
    socket.on('secureConnect', () => socket.write('GET /fhir/r4/metadata HTTP/1.1\r\nHost: x\r\n\r\n'));
    socket.once('data', (data) => {
      resolve({ fingerprint: fingerprint(), line: String(data).split('\r\n')[0] ?? '' });
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

test('HTTPS, and a renewed certificate without a restart', async (t) => {
  const { parts } = await openFacade(t);
  const folder = temporaryFolder();
  t.after(() => folder.remove());
  const tls = { cert: join(folder.path, 'cert.pem'), key: join(folder.path, 'key.pem') };
  copyFileSync(certificatePath('server.pem'), tls.cert);
  copyFileSync(certificatePath('server-key.pem'), tls.key);
  const facade = await startFacade(parts, { host: '0.0.0.0', port: 0, trustedProxies: [], tls });
  t.after(() => facade.close());
  const first = await overTls(facade.port);
  assert.equal(first.line, 'HTTP/1.1 200 OK');
  const clear = await exchange(facade.port, `GET /fhir/r4/metadata HTTP/1.1\r\nHost: x\r\n\r\n`);
  assert.equal(clear, '', 'who speaks no TLS is answered nothing');
  assert.equal(facade.reloadCertificate(), false, 'nothing changed');
  writeFileSync(tls.cert, 'half a file');
  assert.equal(facade.reloadCertificate(), false);
  assert.deepEqual(await overTls(facade.port), first, 'an unusable one leaves the former in use');
  copyFileSync(certificatePath('server-renewed.pem'), tls.cert);
  assert.equal(facade.reloadCertificate(), true);
  const renewed = await overTls(facade.port);
  assert.equal(renewed.line, 'HTTP/1.1 200 OK');
  assert.notEqual(renewed.fingerprint, first.fingerprint);
  await assert.rejects(startFacade(parts, { ...loopback, tls: { ...tls, key: 'nowhere' } }), {
    code: 'config-invalid',
  });
});
