import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { temporaryFolder } from '../store/embedded/temporary-folder.js';
import { hasProgram } from '../support/needs.js';
import { pause } from '../support/pause.js';
import { runProgram, startProgram } from './run-program.js';

const freePorts = ['--mllp-port', '0', '--http-port', '0', '--admin-port', '0'];

function folderFor(t: TestContext): string {
  const { path, remove } = temporaryFolder();
  t.after(remove);
  return path;
}

const inEnvironment = { WARDLINE_MLLP_PORT: '0', WARDLINE_HTTP_PORT: '0', WARDLINE_ADMIN_PORT: '0' };

/** Starts the demo and waits until it has printed its four lines. `by`: how data folder and ports are told. */
async function startDemo(t: TestContext, data: string, by: 'flags' | 'environment' = 'flags') {
  const program =
    by === 'flags'
      ? startProgram(t, ['start', '--data', data, ...freePorts])
      : startProgram(t, ['start'], { ...inEnvironment, WARDLINE_DATA: data });
  const text = await program.printed(/_search\n$/);
  const { http } = /FHIR (?<http>\S+)\/fhir/.exec(text)?.groups ?? {};
  const { tenant } = /^tenant (?<tenant>\S+)/m.exec(text)?.groups ?? {};
  return { ...program, text, lines: text.trimEnd().split('\n'), http: http ?? '', tenant: tenant ?? '' };
}

async function paste(
  lines: readonly string[],
): Promise<{ readonly entry?: readonly object[]; readonly total?: number }> {
  const { stdout } = await promisify(execFile)('bash', ['-c', lines.join('\n')]);
  return JSON.parse(stdout);
}

/** The ports of the first line that answer at another address of this machine than loopback. */
async function reachedFromOutside(line: string): Promise<string[]> {
  const [outside] = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).filter((one) => !one.internal));
  if (outside === undefined) return [];
  const ports = [...line.matchAll(/:(\d+)/g)].map(([, port]) => Number(port));
  assert.equal(ports.length, 3);
  const reached = await Promise.all(
    ports.map(
      (port) =>
        new Promise<string>((resolve) => {
          const socket = connect({ port, host: outside.address });
          socket.on('error', () => resolve(''));
          socket.on('connect', () => {
            socket.destroy();
            resolve(`${outside.address}:${port}`);
          });
        }),
    ),
  );
  return reached.filter((address) => address !== '');
}

interface Bundle {
  readonly entry?: readonly { readonly resource: { readonly id: string } }[];
}

/** Ids that a search finds, once it finds some. */
async function patientIds(url: string, token: string): Promise<string[]> {
  for (;;) {
    const answer = (await (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).json()) as Bundle;
    if (answer.entry !== undefined) return answer.entry.map(({ resource }) => resource.id);
    await pause();
  }
}

describe('wardline start', () => {
  it('refuses clients that could never get a token, each in one sentence', { timeout: 120_000 }, async (t) => {
    const folder = folderFor(t);
    const keys = join(folder, 'keys.json');
    const tenant = '3f0c9a52-5b1e-4c43-9f61-0d2b8a7f1e11';
    const cases: [client: object, content: string, why: RegExp][] = [
      [{}, '', /clients\[0\].*needs secretFile, jwksFile or jwksUri/],
      [{ jwksFile: keys, jwksUri: 'https://app.example/keys' }, '', /stands beside jwksFile/],
      [{ jwksUri: 'http://app.example/keys' }, '', /clients\[0\]\.jwksUri.*https/],
      [{ jwksFile: keys }, '{"keys":[]}', /keys\.json does not hold a JWK set: /],
      [{ jwksFile: keys }, '{"keys":[{"kty":"EC","d":"hidden"}]}', /private key/],
      [{ jwksFile: keys }, 'hidden', /keys\.json does not hold a JWK set\n/],
      [
        { jwksFile: keys, scopes: ['system/*.write'] },
        '{"keys":[{"kty":"EC"}]}',
        /app: the scope system\/\*\.write can never/,
      ],
    ];
    for (const [client, content, why] of cases) {
      writeFileSync(keys, content);
      const file = join(folder, 'wardline.yaml');
      const stated = { id: 'app', tenants: [tenant], ...client };
      const ports = { http: { port: 0 }, admin: { port: 0 } };
      writeFileSync(file, JSON.stringify({ ...ports, tenants: [{ id: tenant, name: 'North' }], clients: [stated] }));
      const { code, stderr } = await runProgram(['start', '--config', file]);
      assert.equal(code, 4, stderr);
      assert.match(stderr, why);
      assert.doesNotMatch(stderr, /hidden/);
    }
  });

  it('runs the demo: what it prints works pasted, and twenty patients are there', { timeout: 180_000 }, async (t) => {
    if (!hasProgram(t, 'curl')) return;
    const data = folderFor(t);
    const demo = await startDemo(t, data);
    const printed = performance.now();
    while (((await paste(demo.lines.slice(2))).entry ?? []).length === 0) await pause(100);
    assert.ok(performance.now() - printed < 100_000, 'what it prints works soon');
    assert.deepEqual(await reachedFromOutside(demo.lines[0] ?? ''), []);
    assert.match(
      demo.lines[0] ?? '',
      /^MLLP 127\.0\.0\.1:\d+ {2}FHIR http:\/\/127\.0\.0\.1:\d+\/fhir\/\{dstu2,stu3,r4\} {2}admin 127\.0\.0\.1:\d+$/,
    );
    assert.match(demo.lines[1] ?? '', /^tenant [0-9a-f-]{36} {2}client demo-app {2}secret \S{32,}$/);
    const all = demo.lines.slice(2).map((line) => line.replace('family=an&_count=5', '_count=50'));
    let found = await paste(all);
    while ((found.total ?? 0) < 20) {
      await pause(100);
      found = await paste(all);
    }
    assert.equal(statSync(join(data, 'admin-access.json')).mode & 0o777, 0o600);
    assert.equal(await demo.stop(), 0);
    assert.equal(existsSync(join(data, 'admin-access.json')), false);
    assert.doesNotMatch(demo.stderr(), /Brandt|Müller|Lindenallee/);

    const again = await startDemo(t, data, 'environment');
    assert.equal(again.tenant, demo.tenant);
    assert.doesNotMatch(again.text, /secret \S{32,}/);
    assert.ok(((await paste(again.lines.slice(2))).entry ?? []).length > 0);
    assert.equal(await again.stop(), 0);
  });

  it('refuses a data folder that another process has, in one sentence', { timeout: 180_000 }, async (t) => {
    const data = folderFor(t);
    const first = await startDemo(t, data);
    const { code, stdout, stderr } = await runProgram(['start', '--data', data, ...freePorts]);
    assert.deepEqual([code, stdout], [4, '']);
    assert.match(stderr, /^wardline: [^\n]+\n$/);
    assert.equal((await runProgram(['status', '--data', data])).code, 0);
    assert.equal(await first.stop(), 0);
  });

  it('stops gracefully at a signal that comes while it starts', { timeout: 180_000 }, async (t) => {
    const data = folderFor(t);
    for (const file of ['registry.db', 'audit.db', 'archive/settle.db', 'admin-access.json']) {
      const program = startProgram(t, ['start', '--data', data, ...freePorts]);
      while (!existsSync(join(data, file))) await pause(1);
      assert.deepEqual([file, await program.stop()], [file, 0]);
      assert.equal(existsSync(join(data, 'admin-access.json')), false);
      if (file !== 'archive/settle.db') rmSync(join(data), { recursive: true });
    }
    const demo = await startDemo(t, data);
    assert.equal(await demo.stop(), 0);
  });

  it('refuses a port in use, and leaves nothing behind that would stop the next start', {
    timeout: 180_000,
  }, async (t) => {
    const data = folderFor(t);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const address = server.address();
    const taken = String(typeof address === 'object' ? address?.port : 0);
    for (const flag of ['--mllp-port', '--http-port', '--admin-port']) {
      const { code, stderr } = await runProgram(['start', '--data', data, ...freePorts, flag, taken]);
      assert.deepEqual([flag, code], [flag, 4]);
      assert.match(stderr, new RegExp(`^wardline: [^\\n]*${taken}[^\\n]* in use[^\\n]*\\n$`));
    }
    const demo = await startDemo(t, data);
    assert.equal(await demo.stop(), 0);
  });

  it('refuses a bad configuration with every issue, and a folder that cannot be written', async (t) => {
    const folder = folderFor(t);
    const file = join(folder, 'wardline.yaml');
    writeFileSync(file, 'http: { prot: 1 }\nlisteners:\n  - { name: a, port: 1, profile: x }\n');
    const bad = await runProgram(['start', '--config', file]);
    assert.equal(bad.code, 4);
    assert.match(bad.stderr, /^wardline: .*wardline\.yaml:1: http\.prot: unknown key, did you mean port\?\n/);
    assert.match(bad.stderr, /wardline\.yaml:3: listeners\[0\]\.profile: no profile x\n/);
    assert.ok(!existsSync(join(folder, 'data')));
    writeFileSync(join(folder, 'file'), '');
    const unusable = await runProgram(['start', '--data', join(folder, 'file/data'), ...freePorts]);
    assert.equal(unusable.code, 4);
    assert.match(unusable.stderr, /^wardline: data folder [^\n]+\n$/);
  });

  it('runs no demo where none is wanted', { timeout: 180_000 }, async (t) => {
    const data = folderFor(t);
    const program = startProgram(t, ['start', '--no-demo', '--data', data, '--http-port', '0', '--admin-port', '0']);
    const text = await program.printed(/\n$/);
    assert.match(text, /^FHIR http:\/\/127\.0\.0\.1:\d+\/fhir\/\{dstu2,stu3,r4\} {2}admin 127\.0\.0\.1:\d+\n$/);
    const tenants = await runProgram(['tenant', 'list', '--json', '--data', data]);
    assert.deepEqual(JSON.parse(tenants.stdout), { tenants: [] });
    const clients = await runProgram(['client', 'list', '--json', '--data', data]);
    assert.deepEqual(JSON.parse(clients.stdout), { clients: [] });
    assert.equal(await program.stop(), 0);
    assert.deepEqual(
      readdirSync(data).filter((name) => name.startsWith('demo')),
      [],
    );
  });

  it('runs a configuration of one’s own without the demo', { timeout: 180_000 }, async (t) => {
    const folder = folderFor(t);
    const file = join(folder, 'wardline.yaml');
    writeFileSync(
      file,
      'listeners: [{ name: adt, port: 0, tenant: 3F0C9A52-5B1E-4C43-9F61-0D2B8A7F1E11 }]\ntenants: [{ id: 3f0c9a52-5b1e-4c43-9f61-0d2b8a7f1e11, name: North }]\nhttp: { port: 0 }\nadmin: { port: 0 }\n',
    );
    const program = startProgram(t, ['start', '--config', file]);
    const text = await program.printed(/\n$/);
    const port = /^MLLP 127\.0\.0\.1:(\d+) /.exec(text)?.[1] ?? '';
    const sent = await runProgram(['send', '-p', port, 'samples/adt-a01.hl7']);
    assert.match(sent.stdout, /^CA {2}N0001/);
    const data = join(folder, 'data');
    assert.match(
      (await runProgram(['tenant', 'list', '--data', data])).stdout,
      /3f0c9a52-5b1e-4c43-9f61-0d2b8a7f1e11 +North/,
    );
    const made = await runProgram([
      'client',
      'create',
      'App',
      '--tenant',
      '3f0c9a52-5b1e-4c43-9f61-0d2b8a7f1e11',
      '--json',
      '--data',
      data,
    ]);
    const { client_id: id, client_secret: secret } = JSON.parse(made.stdout);
    const token = await runProgram(['token', id, '--data', data, '--json'], {
      env: { WARDLINE_CLIENT_SECRET: secret },
    });
    assert.equal(token.code, 0);
    const { access_token, token_type: type } = JSON.parse(token.stdout);
    assert.deepEqual([type, access_token.split('.').length], ['Bearer', 3]);
    const http = /FHIR (\S+)\/fhir/.exec(text)?.[1] ?? '';
    const served = await patientIds(`${http}/fhir/r4/Patient`, access_token);
    const converted = JSON.parse((await runProgram(['convert', 'samples/adt-a01.hl7'])).stdout);
    const ids = (converted as Bundle).entry?.map(({ resource }) => resource.id) ?? [];
    assert.equal(served.length, 1);
    assert.ok(!ids.includes(served[0] ?? ''), 'ids of convert are no server’s');
    const wrong = await runProgram(['token', id, '--data', data, '--secret', 'x'.repeat(43)]);
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /^wardline: no token: invalid_client/);
    assert.equal(await program.stop(), 0);
    assert.ok(!existsSync(join(data, 'demo-hospital.json')));
  });
});
