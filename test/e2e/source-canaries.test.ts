/**
 * Canaries by the roads beside MLLP: listeners of HTTP and watched directories. What is planted in messages, requests and names of
 * files is not seen in logs, metrics, answers, reasons or stores where it does not belong.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { adminClient } from '../../src/cli/admin-client.js';
import { loadConfig } from '../../src/core/config.js';
import { runProgram, startProgram } from '../cli/run-program.js';
import { CanarySearch, canary, canaryMark, filesBelow, headerMark } from '../support/canaries.js';
import { certificatePath } from '../support/certificates.js';
import { pause } from '../support/pause.js';
import { exchange } from '../support/raw-http.js';
import { north, south, tokenFor, writeConfiguration } from '../support/running-wardline.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { admission, canaryMessages } from './canary-messages.js';

interface Status {
  readonly messages: Readonly<Record<string, number>> | null;
  readonly listeners: readonly { readonly name: string; readonly port: number }[];
  readonly directories: readonly { readonly name: string; readonly waiting: number; readonly trouble: string | null }[];
}

const all = new CanarySearch([canaryMark, headerMark]);
const contentAlone = new CanarySearch([canaryMark]);
const er7 = 'application/hl7-v2';
/** FHIR in clear, or a key by its purpose. */
const isOpen = (path: string): boolean =>
  path.startsWith('tenants/') || path === 'master.key' || path === 'admin-access.json';

test('canaries by HTTP and by files are seen nowhere', { timeout: 240_000 }, async (t) => {
  const folder = temporaryFolder(t);
  const inbox = join(folder, 'inbox');
  const stuck = join(folder, 'stuck');
  for (const path of [inbox, stuck, join(inbox, 'work')]) mkdirSync(path);
  // no folder can be made where a file has its name
  writeFileSync(join(stuck, 'failed'), '');
  const secretFile = (name: string) => ({ secretFile: `${name}.secret` });
  const tls = {
    ...{ cert: certificatePath('server.pem'), key: certificatePath('server-key.pem') },
    ...{ ca: certificatePath('ca.pem'), requireClientCertificate: true },
  };
  const looks = { tenant: north, poll: '20ms', settle: '0s' };
  const { file, secrets } = writeConfiguration(
    folder,
    {},
    {
      logLevel: 'debug',
      profiles: { strict: { processingIds: ['P'], versions: ['2.5.1'] } },
      listeners: [
        { name: 'web', kind: 'http', port: 0, tenant: north, maxFrameBytes: '64KiB' },
        { name: 'strict-web', kind: 'http', port: 0, tenant: north, profile: 'strict' },
        { name: 'tls-web', kind: 'http', port: 0, tenant: north, tls },
        { name: 'closed-web', kind: 'http', port: 0, tenant: north, allow: ['203.0.113.0/24'] },
      ],
      directories: [
        { name: 'files', path: 'inbox', ...looks, maxMessageBytes: '20KiB', profile: 'strict' },
        { name: 'stuck', path: 'stuck', ...looks },
      ],
      clients: [
        { id: 'north-app', tenants: [north], ...secretFile('north') },
        { id: 'north-sender', tenants: [north], scopes: ['hl7:send'], ...secretFile('north') },
        { id: 'south-sender', tenants: [south], scopes: ['hl7:send'], ...secretFile('south') },
      ],
    },
  );
  const config = loadConfig({ file, env: {} });
  const program = startProgram(t, ['start', '--config', file]);
  const printed = await program.printed(/\n$/);
  const { url = '' } = /FHIR (?<url>\S+)\/fhir/.exec(printed)?.groups ?? {};
  const admin = adminClient(config.dataFolder);
  const status = () => admin.call<Status>('GET', '/status');
  const until = async (holds: (now: Status) => boolean): Promise<void> => {
    while (!holds(await status())) await pause();
  };
  const ports = new Map((await status()).listeners.map(({ name, port }) => [name, port]));
  const portOf = (name: string): number => ports.get(name) ?? assert.fail(name);
  const tokenOf = (name: 'north' | 'south') =>
    tokenFor(url, {
      client_id: `${name}-sender`,
      client_secret: secrets[name],
      scope: `${name === 'north' ? north : south} hl7:send`,
    });
  const reading = await tokenFor(url, { client_id: 'north-app', client_secret: secrets.north, scope: north });
  const [token, foreign] = await Promise.all([tokenOf('north'), tokenOf('south')]);
  const written: [what: string, text: string][] = [];

  /** What an answer may not hold: a refusal whole, of an acknowledgement the errors. */
  const post = async (
    listener: string,
    body: string | Buffer<ArrayBuffer>,
    headers: Record<string, string> = {},
    method = 'POST',
  ): Promise<number> => {
    const q = canary('request');
    const response = await fetch(`http://127.0.0.1:${portOf(listener)}/${q}/${q}?${q}=${q}`, {
      method,
      headers: {
        ...{ 'content-type': er7, authorization: `Bearer ${token}`, 'user-agent': q, cookie: `${q}=${q}` },
        ...{ 'x-forwarded-for': q, referer: `http://${q}/`, 'x-request-id': q },
        ...headers,
      },
      ...(method === 'GET' ? {} : { body }),
    });
    const text = await response.text();
    const told = response.status === 200 ? text.split(/[\r\n]/).filter((line) => line.startsWith('ERR')) : [text];
    const shown = [...response.headers].filter(([name]) => response.status !== 200 || name !== 'content-type');
    written.push([`${method} ${listener} ${response.status}`, `${shown.join('\n')}\n${told.join('\n')}`]);
    return response.status;
  };

  await t.test('listeners of HTTP', async () => {
    const seen = new Set<number>();
    for (const listener of ['web', 'strict-web']) {
      for (const [, bytes] of canaryMessages) {
        seen.add(await post(listener, typeof bytes === 'string' ? bytes : Buffer.from(bytes)));
      }
    }
    const q = canary('head');
    const message = admission('W1');
    const latin = Buffer.from(`${message}NTE|1||M\xfcller\r`, 'latin1');
    seen.add(await post('web', message, { authorization: `Bearer ${q}` }));
    seen.add(await post('web', message, { authorization: `Basic ${btoa(`${q}:${q}`)}` }));
    seen.add(await post('web', message, { authorization: `Bearer ${token}${q}` }));
    seen.add(await post('web', message, { authorization: `Bearer ${reading}` }));
    seen.add(await post('web', message, { authorization: `Bearer ${foreign}` }));
    seen.add(await post('web', message, { 'content-type': `text/${q}` }));
    seen.add(await post('web', latin, { 'content-type': `${er7}; charset=${q}` }));
    seen.add(await post('web', ' '));
    seen.add(await post('web', message + canary('large').repeat(10_000)));
    seen.add(await post('web', '', {}, 'GET'));
    seen.add(await post('web', message, {}, 'PUT'));
    await assert.rejects(post('closed-web', message), /fetch failed/);
    assert.deepEqual(
      [200, 400, 401, 403, 405, 413, 415].filter((one) => !seen.has(one)),
      [],
    );
    const head = `POST /${q} HTTP/1.1\r\nhost: ${q}\r\nauthorization: Bearer ${token}\r\ncontent-type: ${er7}\r\n`;
    for (const raw of [
      `${q}\r\n\r\n`,
      `\x0b${message}\x1c\r`,
      `${head}x: ${q.repeat(2000)}\r\n\r\n`,
      `${head}${q}\r\n\r\n`,
      `${head}content-length: 5${q}\r\n\r\n`,
      `${head}transfer-encoding: chunked\r\n\r\n${q}\r\n${q}\r\n`,
    ]) {
      const { text } = await exchange(portOf('web'), raw, 1);
      written.push(['an answer to broken HTTP', text]);
    }
    // a body that is cut off by its sender
    await new Promise<void>((resolve) => {
      const cut = new AbortController();
      const body = new ReadableStream({
        start(stream) {
          stream.enqueue(Buffer.from(message.slice(0, 500)));
          setImmediate(() => cut.abort());
        },
      });
      const sent = { method: 'POST', body, duplex: 'half', signal: cut.signal };
      const headers = { 'content-type': er7, authorization: `Bearer ${token}` };
      fetch(`http://127.0.0.1:${portOf('web')}/`, { ...sent, headers } as RequestInit).catch(() => resolve());
    });
  });

  await t.test('plain text and strangers at a TLS port', async () => {
    const q = canary('tls');
    const text = `POST /${q} HTTP/1.1\r\nhost: ${q}\r\nauthorization: Bearer ${q}\r\n\r\n${admission('T1')}`;
    assert.doesNotMatch((await exchange(portOf('tls-web'), text)).text, /HTTP|MSA/, 'nothing is answered in clear');
    const stranger = {
      ...{
        key: readFileSync(certificatePath('stranger-key.pem')),
        cert: readFileSync(certificatePath('stranger.pem')),
      },
      servername: `${q.toLowerCase()}.example`,
    };
    for (const options of [{}, stranger]) {
      await new Promise<void>((resolve) => {
        const where = { port: portOf('tls-web'), host: '127.0.0.1', rejectUnauthorized: false };
        const socket = connectTls({ ...where, ...options });
        socket.on('error', () => undefined).on('close', () => resolve());
        socket.resume().end(text);
      });
    }
  });

  await t.test('files, by name and by content', async () => {
    const put = (where: string, name: string, content: string | Uint8Array): void => {
      writeFileSync(join(where, `${name}.tmp`), content);
      renameSync(join(where, `${name}.tmp`), join(where, name));
    };
    const name = canary('file');
    for (const [index, [, bytes]] of canaryMessages.entries()) put(inbox, `${name} ${index}.hl7`, bytes);
    put(inbox, `${name} batch.hl7`, `BHS|^~\\&|${canary('BHS')}\r${admission('F1')}BTS|7|${canary('BTS')}\r`);
    put(inbox, `${name} large.hl7`, admission('F2') + canary('large').repeat(3000));
    put(inbox, `${name} half.hl7`, `${admission('F3')}${canary('line')}\rBTS|1\r`);
    put(inbox, `${name} ${'n'.repeat(230)}.hl7`, canary('long'));
    put(stuck, `${name}.hl7`, canary('stuck'));
    const waiting = (): string[] =>
      ['', 'work'].flatMap((below) =>
        readdirSync(join(inbox, below), { recursive: below !== '', withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => entry.name),
      );
    while (waiting().length > 0) await pause();
    await until(({ directories }) => directories.some((one) => one.name === 'stuck' && one.trouble !== null));
    const { directories } = await status();
    assert.deepEqual(
      directories.map(({ trouble }) => trouble),
      [null, 'ENOTDIR'],
    );
    const failed = readdirSync(join(inbox, 'failed'));
    const reasons = failed.filter((one) => one.endsWith('.reason.json'));
    assert.ok(reasons.length > 5 && reasons.length * 2 === failed.length, failed.join('\n'));
    assert.ok(readdirSync(join(inbox, 'done')).length > 5);
    for (const one of reasons) written.push(['a reason', readFileSync(join(inbox, 'failed', one), 'utf8')]);
  });

  await t.test('nothing of it is seen', async () => {
    await until(({ messages }) => messages?.['unsettled'] === 0);
    const counts = (await status()).messages ?? {};
    for (const state of ['applied', 'unmapped', 'parked', 'rejected']) {
      assert.ok((counts[state] ?? 0) > 0, `no message is ${state}: ${JSON.stringify(counts)}`);
    }
    const access = JSON.parse(readFileSync(join(config.dataFolder, 'admin-access.json'), 'utf8'));
    written.push(['metrics', await (await fetch(`${access.url}/metrics`)).text()]);
    written.push(['status', JSON.stringify(await admin.call('GET', '/status/live'))]);
    const data = ['--data', config.dataFolder];
    const commands: [args: string[], search?: CanarySearch][] = [
      [['status', ...data]],
      [['top', '--once', ...data]],
      [['doctor', '--config', file]],
      [['messages', 'list', '--json', '--limit', '500', ...data], contentAlone],
    ];
    for (const [args, search = all] of commands) {
      const { stdout, stderr } = await runProgram(args);
      assert.ok(stdout.length > 0, args.join(' '));
      assert.deepEqual(search.in(`${stdout}\n${stderr}`), [], args.join(' '));
    }
    const secret = new CanarySearch([secrets.north, secrets.south, token, foreign, reading]);
    const found: string[] = [];
    for (const how of ['running', 'stopped']) {
      const header = /^archive\/archive-/;
      found.push(
        ...contentAlone.below(config.dataFolder, (path) => !isOpen(path)),
        ...all.below(config.dataFolder, (path) => !isOpen(path) && !header.test(path)),
        ...secret.below(config.dataFolder, () => true),
      );
      if (how === 'running') assert.equal(await program.stop(), 0);
    }
    const log = program.stderr();
    for (const line of [
      /a file is in failed/,
      /a directory cannot be used/,
      /"route":"POST hl7"/,
      /a connection was refused/,
    ]) {
      assert.match(log, line);
    }
    written.push(['log', log], ['printed', printed]);
    for (const [what, text] of written) {
      found.push(...[...all.in(text), ...secret.in(text)].map((one) => `${what}: ${one}`));
    }
    assert.deepEqual([...new Set(found)], []);
    assert.ok(filesBelow(config.dataFolder).some((path) => path.startsWith('audit.db')));
    assert.ok(contentAlone.below(config.dataFolder, (path) => path.startsWith(`tenants/${north}`)).length > 0);
  });
});
