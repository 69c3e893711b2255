/**
 * What the Patients app waits for: a token, and its batch of seven about one patient, over HTTP from a seeded store, with
 * reads in a thread of their own and an audit that is durable before each answer. Reference: `metadata`, which touches no
 * store. Prints the figures and writes them to the JSON file named as the first argument, if any.
 * `node dist/bench/facade.js [figures.json] [patients] [requests]`
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAttemptLimit } from '../src/auth/attempt-limit.js';
import { createClient } from '../src/auth/clients.js';
import { openRegistryCopy } from '../src/auth/registry-copy.js';
import { maintainSigningKeys, openPrivateKeys } from '../src/auth/signing-keys.js';
import { usualTokenLife } from '../src/auth/token-endpoint.js';
import { openTokenVerifier } from '../src/auth/verify-token.js';
import { systemClock } from '../src/core/clock.js';
import type { JsonObject } from '../src/core/json.js';
import { silentLog } from '../src/core/log.js';
import { createMetrics } from '../src/core/metrics.js';
import { newKey } from '../src/core/seal.js';
import { searchIndexOf } from '../src/engine/search-index.js';
import { usualLimits } from '../src/facade/facade-parts.js';
import { startFacade } from '../src/facade/listen.js';
import { startAuditThread } from '../src/store/embedded/audit-client.js';
import { startReadThread } from '../src/store/embedded/read-client.js';
import { openEmbeddedRegistry } from '../src/store/embedded/registry.js';
import { openEmbeddedResources } from '../src/store/embedded/resources.js';
import type { DocumentWrite } from '../src/store/resource-port.js';
import { newTenantRecord } from '../src/store/tenant-record.js';

const [file, patients = 2000, requests = 300] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const folder = mkdtempSync(join(tmpdir(), 'wardline-bench-'));
const figures: Record<string, number> = {};

function idOf(type: number, patient: number, number = 0): string {
  return `00000000-0000-8000-80${String(type).padStart(2, '0')}-${String(patient * 100 + number).padStart(12, '0')}`;
}

/** Twelve resources: a patient and what the app's screen shows of one. */
function resourcesOf(patient: number): JsonObject[] {
  const subject = { reference: `Patient/${idOf(1, patient)}` };
  const concept = (code: string, display: string): JsonObject => ({
    coding: [{ system: 'http://loinc.org', code, display }],
    text: display,
  });
  const day = (number: number): string => `2026-01-${String((number % 28) + 1).padStart(2, '0')}T08:00:00+01:00`;
  const vital = (number: number): JsonObject => ({
    resourceType: 'Observation',
    id: idOf(2, patient, number),
    status: 'final',
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
    ],
    code: concept('8867-4', 'Heart rate'),
    subject,
    effectiveDateTime: day(number),
    valueQuantity: { value: 60 + number, unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
  });
  return [
    {
      resourceType: 'Patient',
      id: idOf(1, patient),
      identifier: [{ system: 'urn:id:NORTH', value: String(100_000 + patient) }],
      name: [{ family: `Family${patient % 500}`, given: [`Given${patient % 70}`] }],
      gender: 'female',
      birthDate: `19${String(patient % 100).padStart(2, '0')}-03-04`,
    },
    ...[1, 2, 3, 4, 5].map(vital),
    { resourceType: 'Location', id: idOf(3, patient), name: `Ward ${patient % 40}` },
    {
      resourceType: 'Encounter',
      id: idOf(4, patient),
      status: 'in-progress',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
      type: [concept('R', 'Routine')],
      subject,
      period: { start: day(patient) },
      location: [{ location: { reference: `Location/${idOf(3, patient)}` } }],
    },
    { resourceType: 'Condition', id: idOf(5, patient), code: concept('J45', 'Asthma'), subject, recordedDate: day(1) },
    { resourceType: 'AllergyIntolerance', id: idOf(6, patient), code: concept('7980', 'Penicillin'), patient: subject },
    {
      resourceType: 'MedicationRequest',
      id: idOf(7, patient),
      status: 'active',
      intent: 'order',
      medicationCodeableConcept: concept('198440', 'Acetaminophen 500 MG'),
      subject,
      authoredOn: day(2),
      dosageInstruction: [{ text: 'One every six hours' }],
    },
    {
      resourceType: 'Coverage',
      id: idOf(8, patient),
      status: 'active',
      beneficiary: subject,
      payor: [{ display: 'Insurance' }],
      subscriberId: 'S1',
    },
  ];
}

/** As the engine writes them: its state is about three times as large as what is shown. */
function writeOf(resource: JsonObject): DocumentWrite {
  const { values, sortDate } = searchIndexOf({ resource, standsFor: '', source: '1-1', moved: [] });
  return {
    expected: 0,
    document: {
      type: String(resource['resourceType']),
      id: String(resource['id']),
      revision: 1,
      state: { registers: [resource, resource, resource] },
      resource,
      hash: 'h',
      version: 1,
      lastUpdated: Date.now(),
      source: '1-1',
      members: [],
      standsFor: '',
      moved: [],
      patient: '',
      keyRest: '',
      touches: [],
    },
    folded: [],
    between: [],
    values,
    sortDate,
    newVersion: true,
    mappingVersion: 1,
  };
}

async function measure(name: string, times: number, ask: (number: number) => Promise<Response>): Promise<void> {
  const waits: number[] = [];
  for (let at = 0; at < times + 20; at++) {
    const start = performance.now();
    const answer = await ask(at);
    const body = await answer.text();
    if (answer.status !== 200 || body.includes('"status":"5')) throw new Error(`${name}: ${answer.status}`);
    if (at >= 20) waits.push(performance.now() - start);
  }
  waits.sort((a, b) => a - b);
  for (const part of [50, 99]) {
    const value = waits[Math.min(waits.length - 1, Math.floor((waits.length * part) / 100))] ?? 0;
    figures[`${name}, p${part} ms`] = value;
    const reference = figures[`metadata, p${part} ms`] ?? value;
    console.log(
      `${`${name}, p${part} ms`.padEnd(44)} ${value.toFixed(2).padStart(8)}  ${(value / reference).toFixed(1)} × metadata`,
    );
  }
}

const clock = systemClock;
const master = newKey();
const registry = openEmbeddedRegistry(join(folder, 'registry.db'));
const tenant = newTenantRecord(master, { name: 'bench' }, clock.now());
await registry.putTenant(tenant);
const { secret } = await createClient(registry, clock, { id: 'app', name: 'app', tenants: [tenant.id] });
await maintainSigningKeys(registry, master, clock);

const writer = openEmbeddedResources(join(folder, 'tenants'));
for (let from = 0; from < patients; from += 100) {
  const some = Array.from({ length: Math.min(100, patients - from) }, (_, at) => resourcesOf(from + at)).flat();
  await writer.write(tenant.id, some.map(writeOf));
}
await writer.close();
console.log(`${patients} patients, ${patients * 12} resources`);

const copy = openRegistryCopy(registry, clock);
await copy.refresh();
const audit = await startAuditThread(join(folder, 'audit.db'), { run: 1, key: newKey() });
const resources = await startReadThread(join(folder, 'tenants'));
const publicUrl = 'http://127.0.0.1';
const facade = await startFacade(
  {
    publicUrl,
    resources,
    messages: { get: async () => undefined },
    audit,
    verifier: openTokenVerifier(copy, clock, publicUrl),
    token: {
      registry,
      copy,
      clock,
      limit: openAttemptLimit(clock),
      privateKey: openPrivateKeys(master),
      publicUrl,
      tokenLife: usualTokenLife,
    },
    clock,
    log: silentLog,
    metrics: createMetrics(),
    master,
    software: { name: 'Wardline', version: 'bench' },
    limits: usualLimits,
  },
  { host: '127.0.0.1', port: 0, trustedProxies: [] },
);
const root = `http://127.0.0.1:${facade.port}`;
const tokenBody = new URLSearchParams({
  grant_type: 'client_credentials',
  client_id: 'app',
  client_secret: secret,
  scope: tenant.id,
}).toString();
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const askToken = (): Promise<Response> =>
  fetch(`${root}/oauth2/token`, { method: 'POST', headers: form, body: tokenBody });
const { access_token: token } = (await (await askToken()).json()) as { access_token: string };
const authorization = `Bearer ${token}`;
const batchOf = (number: number): string => {
  const patient = idOf(1, (number * 37) % patients);
  const urls = [
    `Patient/${patient}`,
    `Observation?patient=${patient}&category=vital-signs&_sort=-date`,
    `Condition?patient=${patient}&_count=10`,
    `Encounter?patient=${patient}&_sort:desc=date&_count=1`,
    `AllergyIntolerance?patient=${patient}`,
    `MedicationRequest?patient=${patient}&_count=10`,
    `Coverage?patient=${patient}`,
  ];
  const entry = urls.map((url) => ({ request: { method: 'GET', url } }));
  return JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry });
};

await measure('metadata', requests, () => fetch(`${root}/fhir/stu3/metadata`));
await measure('token', requests, askToken);
await measure('batch of seven', requests, (at) =>
  fetch(`${root}/fhir/stu3`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: batchOf(at),
  }),
);
await measure('family=, any part of the name', requests, (at) =>
  fetch(`${root}/fhir/stu3/Patient/_search`, {
    method: 'POST',
    headers: { authorization, ...form },
    body: `family=mily${at % 500}&_count=20`,
  }),
);

await facade.close();
await resources.close();
await audit.close();
await copy.close();
await registry.close();
rmSync(folder, { recursive: true, force: true });
if (file !== undefined) writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`);
