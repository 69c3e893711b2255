/**
 * Hostile HTTP against every HTTP door of a running system: each request is answered with its status or cut, and meanwhile a
 * client that behaves, and a sender, are served as ever.
 */
import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SignJWT } from 'jose';
import { exchange, requestText } from '../support/raw-http.js';
import { north, type RunningWardline, runWardline, sample, south, tokenFor } from '../support/running-wardline.js';

interface Doors {
  readonly wardline: RunningWardline;
  readonly facade: number;
  readonly admin: number;
  readonly source: number;
  readonly token: string;
  readonly sendToken: string;
  readonly adminToken: string;
}

type Case = readonly [what: string, bytes: string, statuses: readonly number[]];

async function open(t: TestContext): Promise<Doors> {
  const wardline = await runWardline(
    t,
    {},
    {
      listeners: [
        { name: 'north', port: 0, tenant: north },
        { name: 'south', port: 0, tenant: south },
        { name: 'web', kind: 'http', port: 0, tenant: north, maxFrameBytes: '64KiB' },
      ],
      clients: [
        { id: 'north-app', tenants: [north], secretFile: 'north.secret' },
        { id: 'south-app', tenants: [south], secretFile: 'south.secret' },
        { id: 'north-sender', tenants: [north], scopes: ['hl7:send'], secretFile: 'north.secret' },
      ],
    },
  );
  const { listeners } = await wardline.admin.call<{ listeners: { name: string; port: number }[] }>('GET', '/status');
  const access = JSON.parse(readFileSync(join(wardline.dataFolder, 'admin-access.json'), 'utf8'));
  const sender = { client_id: 'north-sender', client_secret: wardline.north.secret, scope: `${north} hl7:send` };
  return {
    wardline,
    facade: Number(new URL(wardline.publicUrl).port),
    admin: Number(new URL(access.url).port),
    source: listeners.find(({ name }) => name === 'web')?.port ?? 0,
    token: await wardline.north.token(),
    sendToken: await tokenFor(wardline.publicUrl, sender),
    adminToken: access.token,
  };
}

/** Deep, wide and odd JSON, each within the limit of a body. */
const bombs: readonly (readonly [string, string])[] = [
  ['deep arrays', '['.repeat(500_000)],
  ['deep arrays that end', `${'['.repeat(250_000)}${']'.repeat(250_000)}`],
  ['deep objects', `${'{"a":'.repeat(80_000)}1${'}'.repeat(80_000)}`],
  ['a wide array', `[${'0,'.repeat(400_000)}0]`],
  ['many keys', `{${Array.from({ length: 40_000 }, (_, n) => `"k${n}":0`).join(',')}}`],
  ['one key again and again', `{${'"a":0,'.repeat(100_000)}"a":0}`],
  ['__proto__', '{"__proto__":{"resourceType":"Bundle","type":"batch"},"constructor":{"prototype":{"a":1}}}'],
  ['a huge number', `{"resourceType":"Bundle","type":"batch","entry":${'9'.repeat(900_000)}}`],
  ['escapes', `"${'\\u0000'.repeat(100_000)}"`],
  ['lone surrogates', '{"resourceType":"\\ud800","type":"batch"}'],
  ['bytes that are no UTF-8', '{"resourceType":"\xff\xfe\xc3("}'],
];

/** Forms of requests that are wrong in HTTP itself, whatever the path; `target` exists. */
function malformed(target: string): Case[] {
  const chunked = 'transfer-encoding: chunked';
  // where nothing takes a POST the answer may come before the body is looked at
  const early = [400, 404];
  const get = `GET ${target} HTTP/1.1\r\nhost: x\r\n`;
  const post = `POST ${target} HTTP/1.1\r\nhost: x\r\n`;
  return [
    ['no HTTP', 'NONSENSE\r\n\r\n', [400]],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x00\x00\r\n\r\n', [400]],
    ['MLLP', '\x0bMSH|^~\\&|A|B\r\x1c\r', [400]],
    ['HTTP/9.9', `GET ${target} HTTP/9.9\r\n\r\n`, [400]],
    ['an unknown method', `ODD ${target} HTTP/1.1\r\nhost: x\r\n\r\n`, [400]],
    ['no Host', `GET ${target} HTTP/1.1\r\n\r\n`, [400]],
    ['two lengths', `${post}content-length: 5\r\ncontent-length: 6\r\n\r\nhello!`, [400]],
    ['length and chunks', `${post}content-length: 5\r\n${chunked}\r\n\r\n0\r\n\r\n`, [400]],
    ['chunks and length', `${post}${chunked}\r\ncontent-length: 5\r\n\r\n0\r\n\r\n`, [400]],
    ['a length that is none', `${post}content-length: 5x\r\n\r\nhello`, [400]],
    ['a negative length', `${post}content-length: -5\r\n\r\nhello`, [400]],
    ['two encodings', `${post}${chunked}\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n`, [400]],
    ['an unknown encoding', `${post}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n`, early],
    ['a blank before the colon', `${post}transfer-encoding : chunked\r\n\r\n0\r\n\r\n`, [400]],
    ['a chunk that is none', `${post}${chunked}\r\n\r\nzz\r\nhello\r\n0\r\n\r\n`, early],
    ['a chunk larger than numbers are', `${post}${chunked}\r\n\r\nffffffffffffffffff\r\n`, early],
    ['a bare CR in a header', `${get}x: a\rb\r\n\r\n`, [400]],
    ['a NUL in a header', `${get}x: a\0b\r\n\r\n`, [400]],
    ['a header without a name', `${get}: a\r\n\r\n`, [400]],
    ['a large header', `${get}x: ${'y'.repeat(100_000)}\r\n\r\n`, [431]],
    [
      'a flood of headers',
      `${get}${Array.from({ length: 6000 }, (_, n) => `x-${n}: yyyyyyyyyy\r\n`).join('')}\r\n`,
      [431],
    ],
    ['a long target', `GET ${target}?${'a'.repeat(100_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, [431]],
  ];
}

function facadeCases({ token }: Doors): Case[] {
  const authorization = `Bearer ${token}`;
  const json = { authorization, 'content-type': 'application/json' };
  const form = { authorization, 'content-type': 'application/x-www-form-urlencoded' };
  const search = (body: string): string => requestText('POST', '/fhir/r4/Patient/_search', form, body);
  const get = (target: string, headers: Record<string, string> = {}): string =>
    requestText('GET', target, { authorization, ...headers });
  return [
    ...malformed('/fhir/r4/metadata'),
    ...bombs.map(([what, body]): Case => [what, requestText('POST', '/fhir/r4', json, body), [400]]),
    ['a large body', requestText('POST', '/fhir/r4', json, `"${'x'.repeat(2 * 1024 * 1024)}"`), [413]],
    [
      'a large body in chunks',
      `POST /fhir/r4 HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n200000\r\n${'x'.repeat(0x200000)}\r\n0\r\n\r\n`,
      [413],
    ],
    [
      'a length beyond numbers',
      `POST /fhir/r4 HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999\r\n\r\n`,
      [413, 400],
    ],
    [
      'a large batch',
      requestText(
        'POST',
        '/fhir/r4',
        json,
        JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry: new Array(5000).fill({}) }),
      ),
      [413],
    ],
    [
      'entries that are none',
      requestText(
        'POST',
        '/fhir/r4',
        json,
        '{"resourceType":"Bundle","type":"batch","entry":[null,1,[],"x",{"request":[]},{"request":{"method":1,"url":{}}},{"request":{"method":"GET","url":"%zz"}}]}',
      ),
      [200],
    ],
    ['HTTP/1.0', `GET /fhir/r4/metadata HTTP/1.0\r\n\r\n`, [200]],
    [
      'a target in absolute form',
      'GET http://elsewhere.example/fhir/r4/metadata HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
      [200],
    ],
    ['CONNECT', 'CONNECT x:80 HTTP/1.1\r\nhost: x\r\n\r\n', []],
    ['an asterisk', 'OPTIONS * HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', [404, 405]],
    ['TRACE', requestText('TRACE', '/fhir/r4/metadata', {}), [404, 405]],
    ['an upgrade', get('/fhir/r4/metadata', { connection: 'upgrade, close', upgrade: 'h2c' }), [200]],
    ['an expectation', requestText('POST', '/fhir/r4', { ...json, expect: '200-maybe' }, '{}'), [417]],
    [
      'a fold in a header',
      `GET /fhir/r4/metadata HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx: a\r\n b\r\n\r\n`,
      [200, 400],
    ],
    [
      'two tokens',
      `GET /fhir/r4/Patient HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer x\r\nauthorization: ${authorization}\r\n\r\n`,
      [401],
    ],
    ['bad percent-encoding', get('/fhir/r4/Patient/%zz'), [400]],
    ['half an encoding', get('/fhir/r4/Patient/%'), [400]],
    ['an overlong encoding', get('/fhir/r4/Patient/%c0%ae%c0%ae'), [400]],
    ['a NUL in the path', get('/fhir/r4/Patient/%00'), [404]],
    ['a way up', get('/fhir/r4/Patient/..%2f..%2f..%2fetc%2fpasswd'), [404]],
    ['many slashes', get(`/fhir/r4/${'/'.repeat(50_000)}`), [400, 404]],
    ['bad percent-encoding in a query', get('/fhir/r4/Patient?family=%zz%'), [200]],
    ['many parameters', search('given=a&'.repeat(100_000)), [400]],
    ['as many names as are taken', search(`given=${'a,'.repeat(390)}a`), [200]],
    ['as many tokens as are taken', search(`identifier=${'a|b,'.repeat(390)}a`), [200]],
    ['as many dates as are taken', search(`birthdate=${'2020,'.repeat(390)}2020`), [200]],
    ['as many references as are taken', search(`organization=${'a,'.repeat(3900)}a`), [200]],
    ['as many parameters as are taken', search('given=a&'.repeat(190)), [200]],
    ['names beyond what is taken', search(`given=${'a,'.repeat(3900)}a`), [400]],
    ['many values', search(`given=${'a,'.repeat(400_000)}a`), [400]],
    ['many ids', search(`_id=${'a,'.repeat(400_000)}a`), [400]],
    ['many tokens', search(`identifier=${'a|b,'.repeat(200_000)}a`), [400]],
    ['a long value', search(`family:contains=${'a'.repeat(900_000)}`), [200, 400]],
    ['many includes', search('_include=Patient:organization&'.repeat(30_000)), [200, 400]],
    ['many sorts', search(`_sort=${'family,'.repeat(100_000)}family`), [400]],
    ['many elements', search(`_elements=${'a,'.repeat(400_000)}a`), [200, 400]],
    [
      'another charset',
      requestText('POST', '/fhir/r4', { ...json, 'content-type': 'application/json; charset=utf-7' }, '{}'),
      [415],
    ],
    ['no content type', requestText('POST', '/fhir/r4', { authorization }, '{}'), [415]],
    [
      'a content type that is none',
      requestText('POST', '/fhir/r4', { authorization, 'content-type': ';;;=' }, '{}'),
      [415, 400],
    ],
    ['many accepted types', get('/fhir/r4/Patient', { accept: `${'a/b;q=0 ,'.repeat(6000)}*/*` }), [200]],
    ['many tags', get('/fhir/r4/Patient', { 'if-none-match': `${'"a",'.repeat(14_000)}"b"` }), [200]],
    ['many preferences', get('/fhir/r4/Patient', { prefer: `${'handling '.repeat(6000)}=x` }), [200]],
    ['a token of 60,000 characters', get('/fhir/r4/Patient', { authorization: `Bearer ${'a'.repeat(60_000)}` }), [401]],
    ['a token of points', get('/fhir/r4/Patient', { authorization: `Bearer ${'.'.repeat(8000)}` }), [401]],
    ['blanks for a token', get('/fhir/r4/Patient', { authorization: `Bearer ${' '.repeat(50_000)}x y` }), [401]],
  ];
}

function tokenCases(): Case[] {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const post = (body: string, headers: Record<string, string> = form): string =>
    requestText('POST', '/oauth2/token', headers, body);
  const json = { 'content-type': 'application/json' };
  return [
    ...malformed('/oauth2/token'),
    ...bombs.map(([what, body]): Case => [what, post(body, json), [400]]),
    ['a large form', post(`grant_type=${'x'.repeat(2 * 1024 * 1024)}`), [413]],
    ['many parameters', post('a=b&'.repeat(200_000)), [400]],
    ['a parameter twice', post('grant_type=client_credentials&grant_type=password'), [400]],
    ['no body', post(''), [400]],
    ['bad percent-encoding', post('grant_type=%zz&client_id=%'), [400]],
    ['__proto__', post('__proto__=client_credentials&constructor=x'), [400]],
    ['values that are no text', post('{"grant_type":{"a":1},"client_id":[1]}', json), [400]],
    ['another grant', post('grant_type=password&username=a&password=b'), [400]],
    ['half a Basic', post('grant_type=client_credentials', { ...form, authorization: 'Basic' }), [400]],
    [
      'a long Basic',
      post('grant_type=client_credentials', { ...form, authorization: `Basic ${btoa('a'.repeat(40_000))}` }),
      [400],
    ],
    [
      'a wrong Basic',
      post('grant_type=client_credentials', { ...form, authorization: `Basic ${btoa('a:b')}` }),
      [401, 429],
    ],
    [
      'an assertion that is none',
      post(`grant_type=client_credentials&client_assertion_type=x&client_assertion=${'a.'.repeat(1000)}`),
      [401, 429],
    ],
    ['a GET', requestText('GET', '/oauth2/token?grant_type=client_credentials', {}), [405]],
    [
      'many secrets',
      post(`grant_type=client_credentials&client_id=north-app&client_secret=${'x'.repeat(500_000)}`),
      [401, 429],
    ],
  ];
}

function adminCases({ adminToken }: Doors): Case[] {
  const authorization = `Bearer ${adminToken}`;
  const json = { authorization, 'content-type': 'application/json' };
  const post = (path: string, body: string): string => requestText('POST', `/admin/v1/${path}`, json, body);
  return [
    ...malformed('/live'),
    ...bombs.map(([what, body]): Case => [what, post('clients', body), [400, 413]]),
    ...bombs.map(([what, body]): Case => [`${what} as mappings`, post('mapping/dry-run', body), [400]]),
    ['a large body', post('clients', `"${'x'.repeat(200_000)}"`), [413]],
    ['no token', requestText('GET', '/admin/v1/status', {}), [401]],
    ['another token', requestText('GET', '/admin/v1/status', { authorization: `Bearer ${'x'.repeat(10_000)}` }), [401]],
    ['a path that goes up', requestText('GET', '/admin/v1/../../etc/passwd', { authorization }), [404]],
    ['bad percent-encoding', requestText('GET', '/admin/v1/messages/%zz', { authorization }), [400]],
    [
      'a name beyond numbers',
      requestText('GET', '/admin/v1/messages/999999999999999-999999999999999', { authorization }),
      [404],
    ],
    ['a limit beyond numbers', requestText('GET', '/admin/v1/messages?limit=1e999', { authorization }), [400]],
    ['HTTP/1.0', 'GET /live HTTP/1.0\r\n\r\n', [200]],
  ];
}

function sourceCases({ sendToken, token }: Doors): Case[] {
  const head = { authorization: `Bearer ${sendToken}`, 'content-type': 'application/hl7-v2' };
  return [
    ...malformed('/'),
    ['no token', requestText('POST', '/', { 'content-type': 'application/hl7-v2' }, 'MSH|'), [401]],
    [
      'a token that may only read',
      requestText('POST', '/', { ...head, authorization: `Bearer ${token}` }, 'MSH|'),
      [403],
    ],
    ['a large body', requestText('POST', '/', head, 'x'.repeat(200_000)), [413]],
    ['another type', requestText('POST', '/', { ...head, 'content-type': 'application/json' }, '{}'), [415]],
    ['no message', requestText('POST', '/', head, '\r\r\r'), [400]],
    ['a GET', requestText('GET', '/', head), [405]],
    ['bad percent-encoding', requestText('POST', '/%zz', head, 'MSH|'), [400]],
  ];
}

/** Tokens that are wrong in every way that a token can be. */
async function wrongTokens({ wardline, token }: Doors): Promise<string[]> {
  const [head = '', payload = '', signature = ''] = token.split('.');
  const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as { alg: string; kid: string; typ: string };
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const { keys } = (await (await fetch(`${wardline.publicUrl}/oauth2/jwks`)).json()) as {
    keys: Record<string, unknown>[];
  };
  const [known] = keys;
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = publicKey.export({ format: 'jwk' });
  const mine = (protect: object, more: object = {}): Promise<string> =>
    new SignJWT({ ...claims, ...more }).setProtectedHeader({ ...header, alg: 'ES256', ...protect }).sign(privateKey);
  const hmac = (secret: string | Buffer): string => {
    const signed = `${part({ ...header, alg: 'HS256' })}.${payload}`;
    return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
  };
  const changed = (more: object): string => `${head}.${part({ ...claims, ...more })}.${signature}`;
  return [
    ...['none', 'None', 'NONE', ''].map((alg) => `${part({ ...header, alg })}.${payload}.`),
    `${part({ ...header, alg: 'none' })}.${payload}.${signature}`,
    hmac(JSON.stringify(known)),
    hmac(Buffer.from(String(known?.['x']), 'base64url')),
    hmac(''),
    ...(await Promise.all([
      mine({}),
      mine({ kid: 'other' }),
      mine({ kid: undefined }),
      mine({ jwk }),
      mine({ jku: 'http://127.0.0.1:1/keys', kid: 'x' }),
      mine({ x5u: 'http://127.0.0.1:1/cert', x5c: ['AAAA'] }),
      mine({ kid: '../../../../dev/null' }),
      mine({ kid: "x' OR '1'='1" }),
      mine({}, { exp: 9_999_999_999 }),
    ])),
    `${part({ ...header, crit: ['b64'], b64: false })}.${payload}.${signature}`,
    `${part({ ...header, cty: 'JWT' })}.${Buffer.from(token).toString('base64url')}.${signature}`,
    changed({ exp: 9_999_999_999 }),
    changed({ nbf: 9_999_999_999 }),
    changed({ tenant: south, scope: `${south} system/*.read` }),
    changed({ scope: `${north} system/*.*` }),
    changed({ aud: 'https://other.example' }),
    changed({ sub: 'south-app' }),
    `${head}.${payload}`,
    `${head}.${payload}.`,
    `${head}..${signature}`,
    `.${payload}.${signature}`,
    `${token}.${signature}`,
    `${token}.${signature}.${signature}`,
    token.slice(0, -1),
    token.slice(1),
    `${head}.${payload}.${signature.slice(0, 40)}`,
    `${head}.${payload}.${'A'.repeat(86)}`,
    'A.A.A',
    '...',
    `${part([])}.${part([])}.A`,
    `${Buffer.from('null').toString('base64url')}.${payload}.${signature}`,
    token.toUpperCase(),
    encodeURIComponent(token).replaceAll('.', '%2E'),
  ];
}

/** A client that behaves, and a sender: what each of their rounds took, in milliseconds. */
class Neighbours {
  readonly #doors: Doors;
  #going = true;
  readonly #work: Promise<void>[] = [];
  readonly took: Record<'metadata' | 'token' | 'search' | 'acknowledgement' | 'live', number[]> = {
    ...{ metadata: [], token: [], search: [], acknowledgement: [], live: [] },
  };

  constructor(doors: Doors) {
    this.#doors = doors;
    const { wardline, token, admin } = doors;
    const { publicUrl } = wardline;
    const get = async (url: string): Promise<void> => {
      const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
      await response.arrayBuffer();
      assert.equal(response.status, 200, url);
    };
    this.#loop('metadata', () => get(`${publicUrl}/fhir/r4/metadata`));
    this.#loop('search', () => get(`${publicUrl}/fhir/stu3/Patient?family=Okafor&_count=5`));
    this.#loop('token', async () => assert.ok(await wardline.north.token()));
    this.#loop('live', () => get(`http://127.0.0.1:${admin}/live`));
    this.#loop('acknowledgement', async () =>
      assert.match(await wardline.south.send(sample('adt-a01.hl7')), /MSA.[AC]A/),
    );
  }

  #loop(name: keyof Neighbours['took'], once: () => Promise<void>): void {
    const loop = async (): Promise<void> => {
      while (this.#going) {
        const start = performance.now();
        await once();
        this.took[name].push(performance.now() - start);
      }
    };
    this.#work.push(loop());
  }

  /** Resolves when each has done `count` rounds more. */
  async rounds(count: number): Promise<void> {
    const wanted = Object.values(this.took).map((list) => list.length + count);
    const done = Promise.all(this.#work);
    while (Object.values(this.took).some((list, index) => list.length < (wanted[index] ?? 0))) {
      await Promise.race([new Promise((resolve) => setTimeout(resolve, 10)), done]);
    }
  }

  async stop(): Promise<void> {
    this.#going = false;
    await Promise.all(this.#work);
    assert.ok(this.#doors.token.length > 0);
  }
}

/** Connections that are slow in each way, and stay until they are cut or closed. */
function slowClients({ facade, admin, source, token }: Doors): Socket[] {
  const starts = [
    '',
    'G',
    'GET /fhir/r4/metadata HTTP/1.1\r\nhost: x\r\n',
    `POST /fhir/r4 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n{`,
    'POST /oauth2/token HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhe',
    // many requests at once, and no answer is read
    'GET /fhir/r4/metadata HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(50),
  ];
  return [facade, admin, source].flatMap((port) =>
    Array.from({ length: 12 }, (_, index) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined).pause();
      socket.write(starts[index % starts.length] ?? '');
      return socket;
    }),
  );
}

test('hostile HTTP is answered or cut, and the rest is served as ever', { timeout: 180_000 }, async (t) => {
  const doors = await open(t);
  const { wardline, facade, admin, source } = doors;
  await wardline.north.send(sample('adt-a01.hl7'));
  await wardline.settled();
  const neighbours = new Neighbours(doors);
  await neighbours.rounds(10);
  const usual = Math.max(...Object.values(neighbours.took).flat());

  const all: [door: string, port: number, cases: Case[]][] = [
    ['facade', facade, facadeCases(doors)],
    ['token endpoint', facade, tokenCases()],
    ['admin API', admin, adminCases(doors)],
    ['HTTP source', source, sourceCases(doors)],
  ];
  const slow = slowClients(doors);
  t.after(() => {
    for (const socket of slow) socket.destroy();
  });
  for (const [door, port, cases] of all) {
    await t.test(`${door}: malformed and oversized requests`, async () => {
      const wrong: string[] = [];
      for (const [what, bytes, expected] of cases) {
        const { statuses, text } = await exchange(port, bytes, 1);
        const [status] = statuses;
        const right = status === undefined ? expected.length === 0 : expected.includes(status);
        if (!right) wrong.push(`${what}: ${status} for ${expected}: ${text.slice(-200)}`);
        assert.doesNotMatch(text, /node_modules|\.js:\d+|at \w+ \(/, `${what}: nothing of the program is told`);
      }
      assert.deepEqual(wrong, []);
    });
  }

  await t.test('wrong tokens of every kind', async () => {
    const tokens = await wrongTokens(doors);
    for (const [port, target] of [
      [facade, '/fhir/r4/Patient'],
      [facade, '/fhir/dstu2/Patient'],
      [source, '/'],
    ] as const) {
      for (const token of tokens) {
        const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/hl7-v2' };
        const { statuses, text } = await exchange(
          port,
          requestText(port === source ? 'POST' : 'GET', target, headers, ''),
          1,
        );
        assert.deepEqual(statuses, [401], `${token.slice(0, 200)}\n${text}`);
      }
    }
  });

  await t.test('requests in one packet are answered in order, and a smuggled one is not', async () => {
    const one = 'GET /fhir/r4/metadata HTTP/1.1\r\nhost: x\r\n\r\n';
    const last = one.replace('host: x', 'host: x\r\nconnection: close');
    assert.deepEqual((await exchange(facade, one.repeat(30) + last)).statuses, new Array(31).fill(200));
    const hidden =
      'POST /fhir/r4 HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n';
    assert.deepEqual((await exchange(facade, hidden + last)).statuses, [400]);
  });

  await t.test('a crowd of connections', async () => {
    const crowd = Array.from({ length: 600 }, (_, index) => {
      const socket = connect([facade, admin, source][index % 3] ?? facade, '127.0.0.1');
      return socket.on('error', () => undefined);
    });
    await neighbours.rounds(10);
    for (const socket of crowd) socket.destroy();
  });

  assert.ok(
    slow.some((socket) => !socket.destroyed),
    'slow clients are still there',
  );
  for (const list of Object.values(neighbours.took)) list.length = 0;
  await neighbours.rounds(10);
  await neighbours.stop();
  for (const [what, list] of Object.entries(neighbours.took)) {
    const [middle = 0] = list.toSorted((a, b) => a - b).slice(list.length >> 1);
    assert.ok(middle < Math.max(10 * usual, 2000), `${what}: ${Math.round(middle)} ms, ${Math.round(usual)} before`);
  }
  assert.equal((await fetch(`http://127.0.0.1:${admin}/ready`)).status, 200);
  // Stopping waits for what is under way.
  for (const socket of slow) socket.destroy();
});
