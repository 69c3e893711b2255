/** The real system on free ports of this machine, two hospitals each with its listener and its client. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startWardline } from '../../src/app.js';
import { newSecret } from '../../src/auth/secrets.js';
import { adminClient } from '../../src/cli/admin-client.js';
import { programFolder } from '../../src/cli/program-version.js';
import { loadConfig } from '../../src/core/config.js';
import { createLog } from '../../src/core/log.js';
import type { FhirVersion } from '../../src/fhir/version.js';
import { FhirClient } from './fhir-client.js';
import { MllpSession } from './mllp-session.js';
import type { TestScope } from './needs.js';
import { pause } from './pause.js';
import { temporaryFolder } from './temporary-folder.js';

export const north = '3f0c9a52-5b1e-4c43-9f61-0d2b8a7f1e11';
export const south = '8d1e6b70-94a3-4d0e-b0c8-5a7712c9fe22';

export interface Hospital {
  readonly tenant: string;
  readonly clientId: string;
  readonly secret: string;
  readonly mllpPort: number;
  /** Sends one message on a connection that stays open, and resolves with its answer. */
  send(message: Uint8Array | string): Promise<string>;
  token(): Promise<string>;
  /** A client of a base with a token of its own. */
  fhir(version: FhirVersion): Promise<FhirClient>;
}

export interface RunningWardline {
  readonly publicUrl: string;
  readonly dataFolder: string;
  readonly north: Hospital;
  readonly south: Hospital;
  /** Messages of each state, of both hospitals. */
  counts(): Promise<Readonly<Record<string, number>>>;
  /** Resolves when nothing that was acknowledged waits any more. */
  settled(): Promise<void>;
  /** Stops it before the test ends. */
  stop(): Promise<void>;
  admin: ReturnType<typeof adminClient>;
}

/** Starts it, and stops it with the test. `more` is laid over the settings of tenant north, `whole` over the whole file. */
export async function runWardline(
  t: Pick<TestScope, 'after'>,
  more: object = {},
  whole: object = {},
): Promise<RunningWardline> {
  const folder = temporaryFolder(t);
  const { file, secrets } = writeConfiguration(folder, more, whole);
  const config = loadConfig({ file, env: {} });
  const system = await startWardline(config, { log: createLog({ level: 'error', plain: true }), version: 'test' });
  const sessions: MllpSession[] = [];
  const stop = async (): Promise<void> => {
    for (const session of sessions) session.close();
    await system.stop();
  };
  t.after(stop);
  const admin = adminClient(config.dataFolder);
  const counts = async (): Promise<Record<string, number>> =>
    (await admin.call<{ messages: Record<string, number> }>('GET', '/status')).messages;
  const hospital = (name: 'north' | 'south', tenant: string): Hospital => {
    const mllpPort = system.listeners.find((listener) => listener.name === name)?.port ?? 0;
    const secret = secrets[name];
    const clientId = `${name}-app`;
    let session: Promise<MllpSession> | undefined;
    const token = () => tokenFor(system.publicUrl, { client_id: clientId, client_secret: secret, scope: tenant });
    return {
      ...{ tenant, clientId, secret, mllpPort, token },
      async send(message) {
        session ??= MllpSession.open(mllpPort).then((opened) => {
          sessions.push(opened);
          return opened;
        });
        return (await session).send(message);
      },
      fhir: async (version) => new FhirClient(system.publicUrl, version, await token()),
    };
  };
  return {
    publicUrl: system.publicUrl,
    dataFolder: config.dataFolder,
    north: hospital('north', north),
    south: hospital('south', south),
    admin,
    stop,
    counts,
    async settled() {
      while (((await counts())['unsettled'] ?? 0) > 0) await pause();
    },
  };
}

/** Writes `wardline.yaml` (JSON is YAML) and the secrets beside it. Ports are free ones. */
export function writeConfiguration(
  folder: string,
  more: object = {},
  whole: object = {},
): { file: string; secrets: { north: string; south: string } } {
  const secrets = { north: newSecret(), south: newSecret() };
  mkdirSync(folder, { recursive: true });
  for (const [name, secret] of Object.entries(secrets)) writeFileSync(join(folder, `${name}.secret`), secret);
  const file = join(folder, 'wardline.yaml');
  const configuration = {
    http: { port: 0 },
    admin: { port: 0 },
    listeners: [
      { name: 'north', port: 0, tenant: north },
      { name: 'south', port: 0, tenant: south },
    ],
    tenants: [
      { id: north, name: 'North', zone: 'Europe/London', ...more },
      { id: south, name: 'South', zone: 'Europe/London' },
    ],
    clients: [
      { id: 'north-app', tenants: [north], secretFile: 'north.secret' },
      { id: 'south-app', tenants: [south], secretFile: 'south.secret' },
    ],
    ...whole,
  };
  writeFileSync(file, JSON.stringify(configuration));
  return { file, secrets };
}

/** Asks for a token as the Patients app does. */
export async function tokenFor(publicUrl: string, fields: Readonly<Record<string, string>>): Promise<string> {
  const response = await fetch(`${publicUrl}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials', ...fields }),
  });
  const answer = (await response.json()) as { access_token: string };
  assert.equal(response.status, 200, JSON.stringify(answer));
  return answer.access_token;
}

/** The bytes of a file of `samples/`. */
export function sample(name: string): Buffer {
  return readFileSync(join(programFolder, 'samples', name));
}
