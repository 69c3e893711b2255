import { relative } from 'node:path';
import type { RunningSystem } from '../app/running-system.js';
import { demoClient } from './demo-bootstrap.js';

/** `MLLP 127.0.0.1:2575  FHIR http://127.0.0.1:8080/fhir/{dstu2,stu3,r4}  admin 127.0.0.1:8081`: what the process serves */
export function addressLine({ listeners, publicUrl, http, admin, health }: RunningSystem): string {
  const parts = [
    ...listeners.map(({ host, port }) => `MLLP ${host}:${port}`),
    ...(http === undefined ? [] : [`FHIR ${publicUrl}/fhir/{dstu2,stu3,r4}`]),
    ...(admin === undefined ? [] : [`admin ${admin.host}:${admin.port}`]),
    ...(health === undefined ? [] : [`health ${health.host}:${health.port}`]),
  ];
  return `${parts.join('  ')}\n`;
}

interface Greeting {
  readonly publicUrl: string;
  readonly tenant: string;
  /** Undefined after the first start: it was shown then. */
  readonly secret: string | undefined;
  readonly dataFolder: string;
}

/** Tenant and client, and two commands that work pasted; after the first start one more, which makes a new secret. */
export function demoLines({ publicUrl, tenant, secret, dataFolder }: Greeting): string {
  const program = `node ${relative('.', process.argv[1] ?? '') || process.argv[1]}`;
  const data = relative('.', dataFolder) === 'data' ? '' : ` --data ${quoted(dataFolder)}`;
  const pick = (name: string): string => `node -pe 'JSON.parse(require("fs").readFileSync(0)).${name}'`;
  const form = (value: string): string =>
    `grant_type=client_credentials&client_id=${demoClient}&client_secret=${value}&scope=${tenant}`;
  const token = (body: string): string =>
    `TOKEN=$(curl -s -d ${body} ${publicUrl}/oauth2/token | ${pick('access_token')})\n`;
  const search = `curl -s -H "Authorization: Bearer $TOKEN" -d 'family=an&_count=5' ${publicUrl}/fhir/stu3/Patient/_search\n`;
  if (secret !== undefined) {
    return `tenant ${tenant}  client ${demoClient}  secret ${secret}\n${token(`'${form(secret)}'`)}${search}`;
  }
  const rotate = `SECRET=$(${program} client rotate ${demoClient} --json${data} | ${pick('client_secret')})\n`;
  return (
    `tenant ${tenant}  client ${demoClient}  secret shown at the first start; the first line below makes a new one\n` +
    `${rotate}${token(`"${form('$SECRET')}"`)}${search}`
  );
}

function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
