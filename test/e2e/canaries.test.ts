/**
 * What is planted in messages, queries, headers, mapping files and failures is not seen where it does not belong: a whole
 * system runs as a process and is given canaries by every road; then all that it and the commands wrote is searched.
 */
import assert from 'node:assert/strict';
import { appendFileSync, cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { adminClient } from '../../src/cli/admin-client.js';
import { loadConfig } from '../../src/core/config.js';
import { basePath, fhirVersions } from '../../src/fhir/version.js';
import { shippedMappings } from '../../src/store/mapping-files.js';
import { runProgram, startProgram } from '../cli/run-program.js';
import { CanarySearch, canary, canaryMark, filesBelow, headerCanary, headerMark } from '../support/canaries.js';
import { certificatePath } from '../support/certificates.js';
import { framed } from '../support/mllp-session.js';
import { pause } from '../support/pause.js';
import { RawClient } from '../support/raw-client.js';
import { north, south, tokenFor, writeConfiguration } from '../support/running-wardline.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { admission, canaryMessages, codedAdmission } from './canary-messages.js';
import { deadlyByException } from './deadly-messages.js';

interface Status {
  readonly messages: Readonly<Record<string, number>> | null;
  readonly waiting: readonly unknown[];
  readonly mappingProblems: readonly string[];
  readonly listeners: readonly { readonly name: string; readonly port: number }[];
}

const all = new CanarySearch([canaryMark, headerMark]);
const contentAlone = new CanarySearch([canaryMark]);
const form = 'application/x-www-form-urlencoded';

/** Files that hold FHIR in clear, or are a key by their purpose. */
function isOpen(path: string): boolean {
  return path.startsWith('tenants/') || path === 'master.key' || path === 'admin-access.json';
}

test('the search finds what it is made to find', (t) => {
  const folder = temporaryFolder(t);
  const word = canary('PID', 5);
  const written = [
    word,
    word.toUpperCase(),
    encodeURIComponent(`${word} Straße`),
    ...['', 'x', 'xy'].map((before) => Buffer.from(`${before}${word}!`).toString('base64')),
    ...['', 'x', 'xy'].map((before) => Buffer.from(`${before}${word.toLowerCase()}!`).toString('base64url')),
    Buffer.from(word).toString('hex'),
    Buffer.from(word, 'utf16le').toString('latin1'),
    JSON.stringify({ a: { b: [`\u0000${word}`] } }),
  ];
  mkdirSync(join(folder, 'archive'));
  for (const [index, text] of written.entries()) {
    assert.ok(all.in(`a line before\n${text}\n`).length > 0, `form ${index}`);
    const file = join(folder, 'archive', 'file.db-wal');
    writeFileSync(file, Buffer.from([0, 255, 254]));
    assert.deepEqual(
      all.below(folder, () => true),
      [],
    );
    appendFileSync(file, text, 'latin1');
    assert.ok(all.below(folder, () => true).length > 0, `form ${index} in a file`);
  }
  assert.deepEqual(all.in('nothing of the kind: Zqk canary'), []);
});

test('canaries are seen nowhere', { timeout: 240_000 }, async (t) => {
  const folder = temporaryFolder(t);
  const mappings = join(folder, 'mappings');
  const layers = join(folder, 'north');
  cpSync(shippedMappings, mappings, { recursive: true });
  mkdirSync(layers);
  const tls = { cert: certificatePath('server.pem'), key: certificatePath('server-key.pem') };
  const listeners = [
    { name: 'north', port: 0, tenant: north },
    { name: 'strict', port: 0, tenant: north, profile: 'strict', maxFrameBytes: 20_000 },
    { name: 'senders', port: 0, senders: [{ msh3: 'KNOWN', tenant: north }] },
    {
      name: 'tls',
      port: 0,
      tenant: north,
      tls: { ...tls, ca: certificatePath('ca.pem'), requireClientCertificate: true },
    },
    { name: 'few', port: 0, tenant: north, maxConnections: 1 },
    { name: 'closed', port: 0, tenant: north, allow: ['203.0.113.0/24'] },
    { name: 'south', port: 0, tenant: south },
  ];
  const profiles = { strict: { processingIds: ['P'], versions: ['2.5.1'], ack: 'enhanced' } };
  const whole = { logLevel: 'debug', mappings, listeners, profiles };
  const { file, secrets } = writeConfiguration(folder, { mappings: layers }, whole);
  const config = loadConfig({ file, env: {} });
  const preload = new URL('./deadly-messages.js', import.meta.url).href;
  const program = startProgram(t, ['start', '--config', file], { NODE_OPTIONS: `--import=${preload}` });
  const printed = await program.printed(/\n$/);
  const { url = '' } = /FHIR (?<url>\S+)\/fhir/.exec(printed)?.groups ?? {};
  const admin = adminClient(config.dataFolder);
  const { token: adminToken, url: adminUrl } = JSON.parse(
    readFileSync(join(config.dataFolder, 'admin-access.json'), 'utf8'),
  );
  const status = () => admin.call<Status>('GET', '/status');
  const until = async (holds: (now: Status) => boolean): Promise<void> => {
    while (!holds(await status())) await pause();
  };
  const ports = new Map((await status()).listeners.map(({ name, port }) => [name, port]));
  const portOf = (name: string): number => ports.get(name) ?? assert.fail(name);
  /** All that was written where nobody may see a canary. */
  const written: [what: string, text: string][] = [];
  const keys: string[] = [secrets.north, secrets.south, adminToken];

  const sendAll = async (listener: string, frames: readonly Buffer[]): Promise<string> => {
    const client = await RawClient.connect(portOf(listener));
    client.write(Buffer.concat(frames));
    client.socket.end();
    await client.closed();
    return client.frames.join('\n');
  };
  const errorsOf = (answers: string): string =>
    answers
      .split(/[\r\n]/)
      .filter((line) => /^ERR/.test(line))
      .join('\n');

  await t.test('messages of every kind, on every listener', async () => {
    for (const listener of ['north', 'strict', 'senders']) {
      const answers = await Promise.all(canaryMessages.map(([, bytes]) => sendAll(listener, [framed(bytes)])));
      assert.match(answers.join(), /MSA.[AC]A/, listener);
      written.push([`ERR of ${listener}`, errorsOf(answers.join('\n'))]);
    }
    const half = framed(admission('H1')).subarray(0, 400);
    const junk = Buffer.from(`${canary('junk')}\r\n`);
    const http = Buffer.from(`GET /${canary('path')}?${canary('q')} HTTP/1.1\r\nHost: ${canary('host')}\r\n\r\n`);
    const tooLarge = framed(`${admission('L1')}${canary('large').repeat(2000)}`);
    for (const bytes of [half, junk, http, tooLarge, Buffer.concat([junk, framed(admission('J1'))])]) {
      written.push(['ERR of odd frames', errorsOf(await sendAll('strict', [bytes]))]);
    }
  });

  await t.test('connections that are refused, and TLS that fails', async () => {
    const ended = (socket: ReturnType<typeof connect>): Promise<void> =>
      new Promise((resolve) => {
        socket.on('error', () => undefined).on('close', () => resolve());
        socket.resume();
      });
    const plain = (name: string, bytes: Buffer | string): Promise<void> => {
      const socket = connect(portOf(name), '127.0.0.1');
      socket.end(bytes);
      return ended(socket);
    };
    const stranger = {
      key: readFileSync(certificatePath('stranger-key.pem')),
      cert: readFileSync(certificatePath('stranger.pem')),
    };
    const overTls = (name: string, options: object): Promise<void> => {
      const socket = connectTls({ port: portOf(name), host: '127.0.0.1', rejectUnauthorized: false, ...options });
      socket.on('error', () => undefined);
      socket.end(framed(admission('T1')));
      return ended(socket);
    };
    await Promise.all([
      plain('tls', framed(admission('T0'))),
      plain('tls', canary('tls')),
      plain('closed', framed(admission('D1'))),
      overTls('tls', { servername: `${canary('sni').toLowerCase()}.example` }),
      overTls('tls', stranger),
      overTls('north', { servername: `${canary('sni').toLowerCase()}.example` }),
      ...Array.from({ length: 6 }, () => plain('few', framed(admission('M1')))),
    ]);
  });
  await until(({ messages }) => messages?.['unsettled'] === 0);
  const counts = (await status()).messages ?? {};
  for (const state of ['applied', 'unmapped', 'parked', 'rejected', 'truncated']) {
    assert.ok((counts[state] ?? 0) > 0, `no message is ${state}: ${JSON.stringify(counts)}`);
  }

  /** One request with canaries in its headers; errors and all URLs in answers are what was written. */
  const ask = async (
    method: string,
    target: string,
    headers: Record<string, string> = {},
    body?: string,
  ): Promise<number> => {
    const response = await fetch(target, {
      method,
      headers: {
        'user-agent': canary('agent'),
        'x-request-id': canary('request'),
        'x-correlation-id': canary('correlation'),
        'x-forwarded-for': canary('forwarded'),
        forwarded: `for=${canary('forwarded')}`,
        'x-forwarded-host': canary('host'),
        traceparent: canary('trace'),
        cookie: `a=${canary('cookie')}`,
        referer: `http://${canary('referer')}/`,
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const urls = [...text.matchAll(/"(?:url|fullUrl)":"([^"]*)"/g)].map(([, one]) => one).join('\n');
    const shown = response.status < 400 ? urls : text;
    const what = `${method} ${target.replace(url, '')} ${response.status}`;
    written.push([what, `${[...response.headers].join('\n')}\n${shown}`]);
    return response.status;
  };
  const token = await tokenFor(url, { client_id: 'north-app', client_secret: secrets.north, scope: north });
  keys.push(token);
  const authorization = `Bearer ${token}`;

  await t.test('queries, ids, headers and bodies', async () => {
    const q = canary('query');
    const seen = new Set<number>();
    for (const version of fhirVersions) {
      const base = `${url}/fhir/${basePath[version]}`;
      const gets = [
        `Patient?family=${q}&given:contains=${q}&identifier=${canary('mrn')}&birthdate=1970-01-01&_count=1`,
        `Patient?family=${canaryMark}&_count=1&_include=Patient:general-practitioner`,
        `Patient?address=${q}&phone=${q}&email=${q}@example.org`,
        `Patient?birthdate=${q}`,
        `Patient?_sort=${q}`,
        `Patient?_include=${q}&_summary=${q}`,
        `Patient?_cursor=${q}`,
        `Patient?_count=${q}`,
        `Patient?_format=${q}`,
        `Patient?identifier:${q}=1`,
        `Patient?${q}%20${q}=1`,
        `Patient?_lastUpdated=${q}`,
        `Observation?patient=${q}&value-quantity=${q}&date=${q}&code=${q}|${q}`,
        `Observation?subject=http://${q}.example/Patient/${q}`,
        `Encounter?_id=${q}`,
        `Patient/${q}`,
        `Patient/${q}/_history`,
        `Patient/${q}/_history/1`,
        `Patient/${q}/_history/${q}`,
        `Patient/${q}/$everything`,
        `Provenance?target=Patient/${q}`,
        `Provenance/${q}`,
        `MessageHeader/${q}`,
        `${q}/1`,
        `${q}`,
        `%${q}`,
        `_history?_since=${q}`,
        'Patient?_count=1',
      ];
      for (const path of gets) {
        seen.add(await ask('GET', `${base}/${path}`, { authorization }));
        seen.add(await ask('HEAD', `${base}/${path}`, { authorization }));
      }
      for (const wrong of [
        `Bearer ${q}`,
        `Basic ${btoa(`${q}:${q}`)}`,
        q,
        `Bearer ${token}${q}`,
        `Bearer ${btoa(q)}.${btoa(q)}.${btoa(q)}`,
      ]) {
        seen.add(await ask('GET', `${base}/Patient/${q}`, { authorization: wrong }));
      }
      const more = { authorization, 'content-type': form };
      seen.add(await ask('POST', `${base}/Patient/_search`, more, `family=${q}&identifier=${q}&_count=1`));
      seen.add(await ask('POST', `${base}/Patient/_search`, more, `birthdate=${q}&%${q}`));
      seen.add(await ask('POST', `${base}/Patient/_search`, { ...more, 'content-type': `text/${q}; charset=${q}` }, q));
      seen.add(
        await ask('PUT', `${base}/Patient/${q}`, { authorization, 'content-type': 'application/json' }, `{"a":"${q}"}`),
      );
      seen.add(await ask('GET', `${base}/Patient`, { authorization, accept: `application/${q}` }));
      seen.add(
        await ask('GET', `${base}/Patient?${q}=1`, { authorization, prefer: `handling=${q}`, 'if-none-match': q }),
      );
      const entry = gets.map((one) => ({ request: { method: 'GET', url: one, ifNoneMatch: q } }));
      entry.push({ request: { method: q, url: q, ifNoneMatch: q } });
      const json = { authorization, 'content-type': 'application/json' };
      seen.add(await ask('POST', base, json, JSON.stringify({ resourceType: 'Bundle', type: 'batch', id: q, entry })));
      for (const body of [`{"resourceType":"${q}"}`, `{"${q}":`, q, `{"resourceType":"Bundle","type":"${q}"}`]) {
        seen.add(await ask('POST', base, json, body));
      }
    }
    for (const path of [q, `oauth2/${q}`, `oauth2/token?client_secret=${q}`, `.well-known/${q}`, `fhir/${q}`]) {
      seen.add(await ask('GET', `${url}/${path}`));
    }
    assert.deepEqual(
      [200, 400, 401, 404, 405, 406, 415].filter((one) => !seen.has(one)),
      [],
    );
    assert.ok(!seen.has(500));
  });

  await t.test('token requests', async () => {
    const q = canary('token');
    const jwt = [{ alg: 'ES256', kid: q }, { sub: q, iss: q, jti: q }, q]
      .map((part) => btoa(JSON.stringify(part)))
      .join('.');
    const bodies = [
      `grant_type=client_credentials&client_id=${q}&client_secret=${q}&scope=${q}`,
      `grant_type=${q}`,
      `grant_type=client_credentials&client_id=north-app&client_secret=${q}&scope=${north}`,
      `grant_type=client_credentials&client_id=north-app&client_secret=${secrets.north}&scope=${q}`,
      `grant_type=client_credentials&client_assertion_type=${q}&client_assertion=${jwt}`,
      `${q}=${q}&${q}=2`,
      `{"grant_type":"client_credentials","client_id":"${q}","client_secret":"${q}"`,
      q,
    ];
    for (const body of bodies) {
      await ask('POST', `${url}/oauth2/token`, { 'content-type': form }, body);
      await ask('POST', `${url}/oauth2/token`, { 'content-type': `application/json; charset=${q}` }, body);
      await ask(
        'POST',
        `${url}/oauth2/token`,
        { 'content-type': form, authorization: `Basic ${btoa(`${q}:${q}`)}` },
        body,
      );
    }
    for (let index = 0; index < 20; index++)
      await ask('POST', `${url}/oauth2/token`, { 'content-type': form }, bodies[0]);
  });

  await t.test('the admin API', async () => {
    const q = canary('admin');
    const authorized = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' };
    for (const [method, path, body] of [
      ['GET', `messages?controlId=${q}&type=${q}&listener=${q}`],
      ['GET', `messages?state=${q}`],
      ['GET', `messages/${q}`],
      ['GET', `messages/${q}/why`],
      ['GET', `replays/${q}`],
      ['GET', q],
      ['POST', 'replays', `{"patient":"${q}","tenant":"${north}","dry":true}`],
      ['POST', 'replays', `{"messages":["${q}"]}`],
      ['POST', 'messages/search', `{"patient":"${q}","tenant":"${north}"}`],
      ['POST', 'messages/search', `{"patient":"${q}","states":["${q}"]}`],
      ['POST', 'clients', `{"client_name":"x","tenants":["${q}"]}`],
      ['POST', 'clients', `{"client_name":${q}`],
      ['POST', 'mapping/dry-run', `{"files":{"a.yaml":"${q}"}}`],
      ['DELETE', `clients/${q}`],
    ] as const) {
      await ask(method, `${adminUrl}/admin/v1/${path}`, authorized, body);
      await ask(method, `${adminUrl}/admin/v1/${path}`, { authorization: `Bearer ${q}` });
    }
    // Names of unknown parameters are told to who sent them; nobody else may see them.
    await fetch(`${adminUrl}/admin/v1/messages?${q}=1`, { headers: authorized });
    await fetch(`${url}/fhir/r4/Patient?${q}=1`, { headers: { authorization, prefer: 'handling=strict' } });
    await fetch(`${url}/fhir/r4/Patient?${q}=1&_has:${q}:${q}:${q}=2`, { headers: { authorization } });
  });

  await t.test('broken mapping files', async () => {
    const q = canary('mapping');
    const right = '^rules:';
    const broken: [file: string, change: (text: string) => string][] = [
      ['pid.patient', (text) => `${text}\n# ${q}\n"${q}\n`],
      ['pid.account', (text) => `${text}\n  - [${q}: {\n  ${q} *${q}\n`],
      ['al1.allergyintolerance', ruled(`{ from: AL1-3, to: coed, value: "${q}" } # ${q}`)],
      ['dg1.condition', ruled(`{ from: DG1-3, to: code, if: "DG1-3 == '${q}' and and" }`)],
      ['obx.observation', ruled(`{ from: OBX-3, to: valueInteger, value: ${q} }`)],
      ['pv1.encounter', ruled(`{ from: "${q} ${q}", to: status }`)],
      ['nk1.relatedperson', ruled(`{ to: active, value: ${q} }`)],
    ];
    function ruled(rule: string) {
      return (text: string) => text.replace(new RegExp(right, 'm'), `rules:\n  - ${rule}`);
    }
    for (const [name, change] of broken) {
      const path = join(mappings, 'segments', `${name}.yaml`);
      const text = readFileSync(path, 'utf8');
      assert.notEqual(change(text), text, name);
      writeFileSync(path, change(text));
    }
    // What cannot be read as YAML hides what is wrong with the rest.
    for (const [round, names] of [broken.slice(0, 2), broken.slice(2)].entries()) {
      const told = (problems: readonly string[], [name]: (typeof broken)[number]): boolean =>
        problems.some((problem) => problem.includes(`${name}.yaml`));
      await until(({ mappingProblems }) => names.every((one) => told(mappingProblems, one)));
      written.push([`mapping problems ${round}`, (await status()).mappingProblems.join('\n')]);
      for (const [name] of round === 0 ? names : []) {
        cpSync(join(shippedMappings, 'segments', `${name}.yaml`), join(mappings, 'segments', `${name}.yaml`));
      }
    }
    const checked = await runProgram(['mapping', 'check', mappings]);
    written.push(['mapping check', checked.stdout + checked.stderr]);
  });

  await t.test('a thread that dies of a message, and a store that is damaged', async () => {
    assert.match(await sendAll('north', [framed(admission('K1', `${canary('dead')} ${deadlyByException}`))]), /MSA.AA/);
    await sendAll('south', [framed(admission('S1'))]);
    await until(({ messages }) => messages?.['unsettled'] === 0);
    const stored = join(config.dataFolder, 'tenants', `${south}.db`);
    writeFileSync(join(folder, 'damaged.db'), canary('damage').repeat(2000));
    renameSync(join(folder, 'damaged.db'), stored);
    assert.match(await sendAll('south', [framed(admission('S2'))]), /MSA.AA/);
    await until(({ waiting }) => waiting.length > 0);
    const strange = await tokenFor(url, { client_id: 'south-app', client_secret: secrets.south, scope: south });
    keys.push(strange);
    const failed = await ask('GET', `${url}/fhir/r4/Patient?family=${canary('query')}`, {
      authorization: `Bearer ${strange}`,
    });
    assert.equal(failed, 503);
  });

  await t.test('commands', async () => {
    const feed = join(folder, 'feed');
    mkdirSync(feed);
    for (const [index, [, bytes]] of canaryMessages.entries()) writeFileSync(join(feed, `${index}.hl7`), bytes);
    const data = ['--data', config.dataFolder];
    const coded = join(folder, 'coded.hl7');
    writeFileSync(coded, codedAdmission);
    const commands: [args: string[], search?: CanarySearch][] = [
      [['status', ...data]],
      [['top', '--once', ...data]],
      [['doctor', '--config', file]],
      [['messages', 'list', '--json', '--limit', '500', ...data], contentAlone],
      [['lint', '--json', feed]],
      [['lint', '--summary', feed]],
      [['lint', '--last', '50', ...data]],
      [['mapping', 'coverage', feed]],
      [['mapping', 'coverage', '--last', '50', ...data]],
      [['mapping', 'dry-run', shippedMappings, '--show', '0', '--last', '200', ...data]],
      [['codes', 'unmapped', coded]],
      [['mapping', 'check', layers]],
      [['token', 'north-app', '--tenant', canary('tenant'), '--url', `${url}/${canary('url')}`]],
    ];
    // a few at a time, as each is a process
    for (let next = 0; next < commands.length; next += 3) {
      await Promise.all(
        commands.slice(next, next + 3).map(async ([args, search = all]) => {
          const { stdout, stderr } = await runProgram(args, { env: { WARDLINE_CLIENT_SECRET: canary('secret') } });
          assert.ok(stdout.length + stderr.length > 0, args.join(' '));
          assert.doesNotMatch(stderr, /internal error/, args.join(' '));
          if (args.includes(coded)) assert.match(stdout, /X1/, 'a code that no table has is told');
          assert.deepEqual(search.in(`${stdout}\n${stderr}`), [], args.join(' '));
        }),
      );
    }
  });

  await t.test('nothing of it is seen', async () => {
    written.push(['metrics', await (await fetch(`${adminUrl}/metrics`)).text()]);
    written.push(['status', JSON.stringify(await admin.call('GET', '/status/live'))]);
    written.push(['printed', printed]);
    const whileRunning = filesBelow(config.dataFolder);
    assert.ok(whileRunning.some((path) => path.endsWith('-wal')));
    const sealed = (path: string): boolean => !isOpen(path);
    const header = /^archive\/archive-/;
    const secret = new CanarySearch(keys);
    const masterKey = readFileSync(join(config.dataFolder, 'master.key'), 'utf8').trim();
    const found: string[] = [];
    for (const how of ['running', 'stopped']) {
      found.push(
        ...contentAlone.below(config.dataFolder, sealed),
        ...all.below(config.dataFolder, (path) => sealed(path) && !header.test(path)),
        ...new CanarySearch([...keys, masterKey]).below(
          config.dataFolder,
          (path) => !['master.key', 'admin-access.json'].includes(path),
        ),
      );
      if (how === 'running') assert.equal(await program.stop(), 0);
    }
    const log = program.stderr();
    for (const level of ['debug', 'info', 'warn', 'error']) assert.ok(log.includes(`"level":"${level}"`), level);
    assert.match(log, /a thread has ended by itself/);
    assert.match(log, /the mapping files do not hold together/);
    assert.match(log, /a connection was refused/);
    written.push(['log', log]);
    for (const [what, text] of written) {
      found.push(...[...all.in(text), ...secret.in(text)].map((one) => `${what}: ${one}`));
    }
    assert.deepEqual([...new Set(found)], []);
    // The stores do hold what was sent: what was looked through is not empty.
    assert.ok(contentAlone.below(config.dataFolder, (path) => path.startsWith(`tenants/${north}`)).length > 0);
    assert.ok(new CanarySearch([headerCanary(3)]).below(config.dataFolder, (path) => header.test(path)).length > 0);
  });
});
