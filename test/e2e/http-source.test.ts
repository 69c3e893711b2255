/** Messages sent to a listener of HTTP by a client with a token, all the way into FHIR. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { runProgram } from '../cli/run-program.js';
import { certificate, certificatePath } from '../support/certificates.js';
import { exchange } from '../support/raw-http.js';
import { north, type RunningWardline, runWardline, south, tokenFor } from '../support/running-wardline.js';

const er7 = 'application/hl7-v2';

interface Sent {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly headers: Headers;
}

/** North with a listener of HTTP beside that of MLLP, and clients that may send, read, or send for another tenant. */
async function withHttp(t: TestContext, listener: object = {}): Promise<RunningWardline & { readonly url: string }> {
  const client = (id: string, tenant: string, scopes: readonly string[], secret: string) => ({
    ...{ id, scopes, tenants: [tenant] },
    secretFile: `${secret}.secret`,
  });
  const here = await runWardline(
    t,
    {},
    {
      listeners: [
        { name: 'north', port: 0, tenant: north },
        { name: 'south', port: 0, tenant: south },
        { name: 'web', kind: 'http', port: 0, tenant: north, maxFrameBytes: '64KiB', ...listener },
      ],
      clients: [
        client('north-app', north, ['system/*.read'], 'north'),
        client('south-app', south, ['system/*.read'], 'south'),
        client('north-sender', north, ['hl7:send'], 'north'),
        client('south-sender', south, ['hl7:send'], 'south'),
      ],
    },
  );
  const { listeners } = await here.admin.call<{ listeners: { name: string; port: number }[] }>('GET', '/status');
  const port = listeners.find(({ name }) => name === 'web')?.port ?? 0;
  return { ...here, url: `http://127.0.0.1:${port}` };
}

async function post(
  url: string,
  body: string | Buffer<ArrayBuffer>,
  headers: Readonly<Record<string, string>>,
): Promise<Sent> {
  const answer = await fetch(url, { method: 'POST', body, headers: { 'content-type': er7, ...headers } });
  const type = answer.headers.get('content-type') ?? '';
  return { status: answer.status, type, text: await answer.text(), headers: answer.headers };
}

function sending(here: RunningWardline, name: 'north' | 'south' = 'north'): Promise<string> {
  const { tenant, secret } = here[name];
  const fields = { client_id: `${name}-sender`, client_secret: secret, scope: `${tenant} hl7:send` };
  return tokenFor(here.publicUrl, fields);
}

function admission(id: string, header: Readonly<Record<number, string>> = {}): string {
  const msh = `MSH|^~\\&|HIS|NORTH|WARD|LINE|20260301080000||ADT^A01|${id}|P|2.5.1||||||`.split('|');
  for (const [field, value] of Object.entries(header)) msh[Number(field) - 1] = value;
  return `${msh.join('|')}\rPID|1||P${id}^^^NORTH^MR||Family^Given||19800101|F\rPV1|1|I|W1^10^1\r`;
}

test('a message and a batch are acknowledged in the answer, and reach FHIR', { timeout: 120_000 }, async (t) => {
  const here = await withHttp(t);
  const authorization = `Bearer ${await sending(here)}`;
  const one = await post(here.url, admission('W1'), { authorization });
  assert.deepEqual([one.status, one.type], [200, er7]);
  assert.match(one.text, /^MSH\|.*\rMSA\|AA\|W1\r$/);
  const named = 'x-application/hl7-v2+er7; charset=utf-8';
  const again = await post(`${here.url}/any/path`, admission('W1'), { authorization, 'content-type': named });
  assert.deepEqual([again.status, again.type], [200, named]);
  const batch = `BHS|^~\\&|HIS\r${admission('W2')}${admission('W3')}BTS|2\r`;
  const many = await post(here.url, batch, { authorization });
  assert.match(many.text, /^BHS[^\r]*\rMSH[^\r]*\rMSA\|AA\|W2\rMSH[^\r]*\rMSA\|AA\|W3\rBTS\|2\r$/);
  const framed = await post(here.url, `\x0b${admission('W4').replaceAll('\r', '\n')}\x1c\r`, { authorization });
  assert.match(framed.text, /MSA\|AA\|W4/);
  const refused = await post(here.url, admission('', {}), { authorization });
  assert.deepEqual([refused.status, refused.type], [200, er7], 'a refusal is an acknowledgement, too');
  assert.match(refused.text, /\rMSA\|AR\|?\rERR\|\|MSH\^1\^10/);
  const silent = await post(here.url, admission('W5', { 15: 'NE', 16: 'NE' }), { authorization });
  assert.deepEqual([silent.status, silent.text], [204, '']);
  const enhanced = await post(here.url, admission('W6', { 15: 'AL', 16: 'NE' }), { authorization });
  assert.match(enhanced.text, /MSA\|CA\|W6/);
  await here.settled();
  assert.equal((await here.counts())['applied'], 6);
  const fhir = await here.north.fhir('R4');
  assert.equal((await fhir.get('/Patient?_count=0')).body.total, 6);
  const live = await here.admin.call<{
    figures: { received: { listener: string; outcome: string; count: number }[]; acknowledged: { count: number }[] };
  }>('GET', '/status/live');
  const received = live.figures.received.filter(({ listener }) => listener === 'web');
  assert.deepEqual(
    new Map(received.map(({ outcome, count }) => [outcome, count])),
    new Map([
      ['archived', 6],
      ['repeat', 1],
      ['rejected', 1],
    ]),
  );
});

test('who may not send, and what is no message, is refused; nothing of it is kept', { timeout: 120_000 }, async (t) => {
  const here = await withHttp(t);
  const authorization = `Bearer ${await sending(here)}`;
  const reading = `Bearer ${await here.north.token()}`;
  const foreign = `Bearer ${await sending(here, 'south')}`;
  const big = admission('B1') + 'NTE|1||'.padEnd(70_000, 'x');
  const latin = Buffer.from(admission('B2').replace('Family', 'M\xfcller'), 'latin1');
  type Row = [status: number, why: RegExp, headers: Record<string, string>, body?: string | Buffer<ArrayBuffer>];
  const rows: Row[] = [
    [401, /Bearer/, {}],
    [401, /no Bearer/, { authorization: 'Basic bm9ydGg6c2VjcmV0' }],
    [401, /not valid/, { authorization: `${authorization}x` }],
    [401, /no Bearer/, { authorization: `Bearer ${'x'.repeat(9000)}` }],
    [403, /hl7:send/, { authorization: reading }],
    [403, /tenant/, { authorization: foreign }],
    [415, /application\/hl7-v2/, { authorization, 'content-type': 'text/plain' }],
    [415, /application\/hl7-v2/, { authorization, 'content-type': 'application/fhir+json' }],
    [415, /charset/, { authorization, 'content-type': `${er7}; charset=utf-8` }, latin],
    [400, /empty/, { authorization }, '\r\n'],
    [413, /larger/, { authorization }, big],
  ];
  for (const [status, why, headers, body = admission('X1')] of rows) {
    const answer = await post(here.url, body, headers);
    assert.equal(answer.status, status, String(why));
    assert.match(answer.text, why);
    assert.match(answer.type, /^text\/plain/);
  }
  const insufficient = await post(here.url, admission('X1'), { authorization: reading });
  assert.match(insufficient.headers.get('www-authenticate') ?? '', /insufficient_scope.*hl7:send/);
  for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD']) {
    const answer = await fetch(here.url, { method, headers: { authorization } });
    assert.deepEqual([method, answer.status, answer.headers.get('allow')], [method, 405, 'POST']);
  }
  const counts = Object.values(await here.counts()).reduce((sum, count) => sum + count, 0);
  assert.equal(counts, 0);
  const answer = await fetch(`${here.publicUrl}/fhir/r4/Patient`, { headers: { authorization } });
  assert.equal(answer.status, 403, 'a token that may send reads nothing');
  assert.match((await post(here.url, latin, { authorization })).text, /MSA\|AA\|B2/);
  await here.settled();
});

test('slow bodies, floods of headers and broken requests are cut, others go on', { timeout: 120_000 }, async (t) => {
  const here = await withHttp(t, { frameTimeout: '300ms', maxConnections: 8 });
  const authorization = `Bearer ${await sending(here)}`;
  const port = Number(new URL(here.url).port);
  const head = `POST / HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Type: ${er7}\r\n`;
  const raw = async (text: string, trickle = false): Promise<string> => {
    const socket = connect(port, '127.0.0.1');
    let received = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
    });
    socket.write(text, 'latin1');
    const drip = trickle ? setInterval(() => socket.write('x'), 50) : undefined;
    await once(socket, 'close');
    clearInterval(drip);
    return received;
  };
  const [halted, trickled, flooded, broken, huge] = await Promise.all([
    raw(`${head}Content-Length: 500\r\n\r\nMSH|`),
    raw(`${head}Content-Length: 60000\r\n\r\nMSH|`, true),
    raw(`${head}${'X-Flood: yes\r\n'.repeat(4000)}\r\n`),
    raw('POST / HTTP/1.1\r\nNo colon here\r\n\r\n'),
    raw(`${head}Content-Length: 99999999999\r\n\r\nMSH|`),
  ]);
  assert.doesNotMatch(halted, /MSA/);
  assert.doesNotMatch(trickled, /200|MSA/);
  assert.match(flooded, /^HTTP\/1.1 431/);
  assert.match(broken, /^HTTP\/1.1 400/);
  assert.match(huge, /^HTTP\/1.1 413/);
  assert.match((await post(here.url, admission('S1'), { authorization })).text, /MSA\|AA\|S1/);
  await here.settled();
  assert.equal((await here.counts())['applied'], 1);
});

test('wardline send --http with the token of wardline token', { timeout: 120_000 }, async (t) => {
  const here = await withHttp(t);
  const { secret: WARDLINE_CLIENT_SECRET } = here.north;
  const asked = ['token', 'north-sender', '--tenant', north, '--scope', 'hl7:send', '--url', here.publicUrl];
  const token = await runProgram(asked, { env: { WARDLINE_CLIENT_SECRET } });
  const env = { WARDLINE_TOKEN: token.stdout.trim() };
  const input = [admission('C1'), admission('C2', { 15: 'NE', 16: 'NE' }), admission('')].join('');
  const { code, stdout } = await runProgram(['send', '--http', here.url, '-'], { env, input });
  assert.equal(code, 1);
  assert.match(stdout, /^AA {2}C1 .*\n-- .*\nAR .*MSH-10.*\n3 sent, 1 accepted, 1 refused, 1 without an answer\n$/);
  const reading = await runProgram(['send', '--http', here.url, '-'], {
    env: { WARDLINE_TOKEN: await here.north.token() },
    input,
  });
  assert.match(reading.stderr, /refuses the token: the token lacks the scope hl7:send/);
  assert.notEqual(reading.code, 0);
  const without = await runProgram(['send', '--http', here.url, '-'], { env: { WARDLINE_TOKEN: '' }, input });
  assert.match(without.stderr, /refuses the token/);
  await here.settled();
});

test('over TLS, with the certificates of clients where they are asked for', { timeout: 120_000 }, async (t) => {
  const tls = {
    ...{ key: certificatePath('server-key.pem'), cert: certificatePath('server.pem') },
    ...{ ca: certificatePath('ca.pem'), requireClientCertificate: true },
  };
  const here = await withHttp(t, { tls });
  const authorization = `Bearer ${await sending(here)}`;
  const ask = (client: object): Promise<string> =>
    new Promise((resolve, reject) => {
      const { port } = new URL(here.url);
      const sent = httpsRequest(
        {
          ...{ host: '127.0.0.1', port, method: 'POST', ca: certificate('ca.pem') },
          headers: { authorization, 'content-type': er7 },
          ...client,
        },
        (answer) => {
          let text = '';
          answer.on('data', (chunk: Buffer) => {
            text += chunk.toString('latin1');
          });
          answer.on('end', () => resolve(text));
        },
      );
      sent.on('error', reject);
      sent.end(admission('T1'));
    });
  const own = { key: certificate('client-key.pem'), cert: certificate('client.pem') };
  const clear = `POST / HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Type: ${er7}\r\nContent-Length: 5\r\n\r\nMSH|^`;
  for (const bytes of [clear, `\x0b${admission('T0')}\x1c\r`, '\x16\x03\x01\x02\x00\x01']) {
    const { text } = await exchange(Number(new URL(here.url).port), bytes);
    assert.doesNotMatch(text, /HTTP|MSH|MSA/, 'who speaks no TLS is cut, and nothing is answered in clear');
  }
  assert.match(await ask(own), /MSA\|AA\|T1/);
  await here.settled();
  await assert.rejects(ask({}));
  assert.equal((await here.counts())['applied'], 1, 'what came in clear was not taken');
});

test('plain HTTP is not offered in the open', async (t) => {
  await assert.rejects(withHttp(t, { host: '0.0.0.0' }), /plain HTTP is served on loopback only/);
  await assert.rejects(withHttp(t, { senders: [{ msh4: 'X', tenant: north }], tenant: undefined }), /the token names/);
});
