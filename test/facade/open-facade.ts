import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { createClient } from '../../src/auth/clients.js';
import { canonicalJson, type JsonObject } from '../../src/core/json.js';
import { silentLog } from '../../src/core/log.js';
import { createMetrics } from '../../src/core/metrics.js';
import { newKey } from '../../src/core/seal.js';
import { type FacadeParts, usualLimits } from '../../src/facade/facade-parts.js';
import { buildServer } from '../../src/facade/server.js';
import { extractSearchValues } from '../../src/fhir/extract-search-values.js';
import { renderResource } from '../../src/fhir/render.js';
import { sortDate } from '../../src/fhir/sort-date.js';
import { validateResource } from '../../src/fhir/validate.js';
import { basePath, type FhirVersion, fhirVersions } from '../../src/fhir/version.js';
import type { AuditEvent } from '../../src/store/audit-port.js';
import { openEmbeddedAudit } from '../../src/store/embedded/audit.js';
import { type EmbeddedResources, openEmbeddedResources } from '../../src/store/embedded/resources.js';
import type { ResourcePort, StoredDocument } from '../../src/store/resource-port.js';
import { type Auth, north, openAuth, publicUrl, south } from '../auth/open-auth.js';
import { temporaryFolder } from '../store/embedded/temporary-folder.js';
import { ids, sampleResources } from './sample-resources.js';

/** An answer: its status, headers and body as JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: LightMyRequestResponse['headers'];
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
  readonly body: any;
  readonly text: string;
}

export interface Facade {
  readonly app: FastifyInstance;
  readonly auth: Auth;
  readonly parts: FacadeParts;
  readonly store: EmbeddedResources;
  /** All that was recorded, oldest first. */
  readonly audited: () => Promise<readonly AuditEvent[]>;
  /** From here on nothing can be recorded. */
  readonly closeAudit: () => Promise<void>;
  /** Authorization headers of a client of each tenant. */
  readonly northToken: string;
  readonly southToken: string;
  get(version: FhirVersion, path: string, headers?: Record<string, string>): Promise<Answer>;
  form(version: FhirVersion, path: string, body: string, headers?: Record<string, string>): Promise<Answer>;
  post(version: FhirVersion, path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  request(method: string, url: string, headers?: Record<string, string>, body?: string): Promise<Answer>;
  tokenOf(client: string, tenant: string, scopes?: readonly string[]): Promise<string>;
}

/** The facade over real stores; tenant north holds the sample ward, tenant south nothing but what a test writes. */
export async function openFacade(t: TestContext, change: Partial<FacadeParts> = {}): Promise<Facade> {
  const auth = await openAuth(t);
  const folder = temporaryFolder();
  const resources = openEmbeddedResources(join(folder.path, 'tenants'));
  const audit = openEmbeddedAudit(join(folder.path, 'audit.db'), { run: 1, key: newKey() });
  let auditOpen = true;
  const closeAudit = async (): Promise<void> => {
    if (auditOpen) await audit.close();
    auditOpen = false;
  };
  t.after(async () => {
    await closeAudit();
    await resources.close();
    folder.remove();
  });
  await writeResources(resources, north, sampleResources, auth.clock.now());
  await mergeOldAnna(resources, auth.clock.now());
  const parts: FacadeParts = {
    publicUrl,
    resources,
    messages: { get: async () => undefined },
    audit,
    verifier: auth.verifier,
    token: auth.endpoint,
    clock: auth.clock,
    log: silentLog,
    metrics: createMetrics(),
    master: auth.master,
    software: { name: 'Wardline', version: '0.1.0' },
    limits: usualLimits,
    ...change,
  };
  const app = buildServer(parts);
  t.after(() => app.close());
  const tokenOf = async (id: string, tenant: string, scopes?: readonly string[]): Promise<string> => {
    const wish = { id, name: id, tenants: [tenant], ...(scopes === undefined ? {} : { scopes }) };
    const { secret } = await createClient(auth.registry, auth.clock, wish);
    await auth.copy.refresh();
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: id,
      client_secret: secret,
      scope: tenant,
    });
    const answer = await auth.token(body.toString());
    return `Bearer ${answer.body['access_token']}`;
  };
  const northToken = await tokenOf('north-app', north);
  const southToken = await tokenOf('south-app', south);
  const request: Facade['request'] = async (method, url, headers = {}, body) => {
    const answer = await app.inject({
      method: method as 'GET',
      url,
      headers,
      ...(body === undefined ? {} : { payload: body }),
    });
    const text = answer.payload;
    assertValid(url, text);
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: text === '' ? undefined : JSON.parse(text),
      text,
    };
  };
  const url = (version: FhirVersion, path: string): string => `/fhir/${basePath[version]}${path}`;
  const authorized = (headers: Record<string, string> = {}) => ({ authorization: northToken, ...headers });
  return {
    app,
    auth,
    parts,
    store: resources,
    audited: async () => [...(await audit.list({ limit: 1000 }))].reverse(),
    closeAudit,
    northToken,
    southToken,
    request,
    tokenOf,
    get: (version, path, headers) => request('GET', url(version, path), authorized(headers)),
    form: (version, path, body, headers) =>
      request('POST', url(version, path), { 'content-type': form, ...authorized(headers) }, body),
    post: (version, path, body, headers) =>
      request('POST', url(version, path), { 'content-type': json, ...authorized(headers) }, JSON.stringify(body)),
  };
}

const form = 'application/x-www-form-urlencoded';
const json = 'application/fhir+json';

/** Whatever a base answers is valid in its own version: against the version's definitions, not our types. */
function assertValid(url: string, text: string): void {
  const version = fhirVersions.find((one) => url.startsWith(`/fhir/${basePath[one]}`));
  if (version === undefined || text === '' || url.includes('.well-known')) return;
  const issues = validateResource(version, JSON.parse(text)).filter(({ severity }) => severity === 'error');
  assert.deepEqual(issues, [], `${url} is not valid ${version}`);
}

/** Writes R4 resources as new documents, with the search values of all versions. */
export async function writeResources(
  store: ResourcePort,
  tenant: string,
  resources: readonly JsonObject[],
  at: number,
  more: Partial<StoredDocument> = {},
): Promise<void> {
  const written = await store.write(
    tenant,
    resources.map((resource) => ({
      expected: (more.revision ?? 1) - 1,
      document: {
        type: String(resource['resourceType']),
        id: String(resource['id']),
        revision: 1,
        state: {},
        resource,
        hash: createHash('sha256').update(canonicalJson(resource)).digest('base64url'),
        version: 1,
        lastUpdated: at,
        source: '1-1',
        members: [],
        standsFor: '',
        moved: [],
        patient: '',
        keyRest: '',
        touches: [],
        ...more,
      },
      folded: [],
      between: [],
      values: searchValuesOf(resource),
      sortDate: sortDate(resource),
      newVersion: true,
      mappingVersion: 1,
    })),
  );
  if (written.includes(false)) throw new Error('a sample was not written');
}

/** As the engine extracts them: from what each version shows, the source of the last change included. */
function searchValuesOf(resource: JsonObject): ReturnType<typeof extractSearchValues> {
  const shown = { ...resource, meta: { source: 'urn:wardline:message:1-1' } };
  return extractSearchValues({
    R4: renderResource('R4', shown),
    STU3: renderResource('STU3', shown),
    DSTU2: renderResource('DSTU2', shown),
  });
}

/** Anna’s former number stands aside for the one that she has now. */
export async function mergeOldAnna(store: ResourcePort, at: number): Promise<void> {
  const old: JsonObject = { resourceType: 'Patient', id: ids.annaOld, active: false };
  const members = [ids.anna, ids.annaOld];
  await writeResources(store, north, [old], at, { members, standsFor: ids.anna });
  const [anna] = sampleResources;
  if (anna !== undefined) await writeResources(store, north, [anna], at + 1, { members, revision: 2, version: 2 });
}
