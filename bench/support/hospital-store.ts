/**
 * Stores on files of a given size for measuring reads: the hospital of the benchmarks, kept outside the checkout and used again
 * while seed and format are the same. Written by the store's own code, in large transactions that are not synced one by one.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, type JsonObject } from '../../src/core/json.js';
import { encodeState } from '../../src/engine/document-state.js';
import { printKey } from '../../src/engine/register-key.js';
import type { Registers } from '../../src/engine/registers.js';
import { writeDocument } from '../../src/store/embedded/document-writer.js';
import { resourceFormat } from '../../src/store/embedded/resource-schema.js';
import { prepareSearch } from '../../src/store/embedded/search-run.js';
import { TenantFiles } from '../../src/store/embedded/tenant-files.js';
import type { DocumentWrite } from '../../src/store/resource-port.js';
import { resourcesOf, storeFolder, tenant, writeOf, written } from './hospital.js';

const patientsPerCommit = 1000;

const choices = /^(effective|medication|onset|value)[A-Z]/;
const sender = 'HIS|NORTH';

/** A write as the engine makes it of a message's only draft of a resource: all elements under one stamp. */
function asApplied(resource: JsonObject, like: JsonObject | undefined, number: number): DocumentWrite {
  const registers: Registers = new Map();
  const stamp = {
    ...{ authority: 50, time: written, mappingVersion: 1 },
    sequence: { arrival: written, run: 1, number },
  };
  const type = String(resource['resourceType']);
  for (const [name, value] of Object.entries(resource)) {
    if (name === 'resourceType' || name === 'id') continue;
    const choice = choices.exec(name)?.[1];
    const rule = `OBX[${type}]/${name}`;
    if (Array.isArray(value)) registers.set(printKey({ kind: 'list', path: name, sender, rule }), { value, stamp });
    else if (choice === undefined) registers.set(printKey({ kind: 'single', path: name }), { value, stamp });
    else registers.set(printKey({ kind: 'single', path: `${choice}[x]` }), { value: { [name]: value }, stamp });
  }
  registers.set(printKey({ kind: 'present', sender, map: `OBX[${type}]` }), { value: true, stamp });
  const write = writeOf(resource, like);
  const state = encodeState({ registers, rank: 0, regroup: false }, resource);
  const hash = createHash('sha256').update(canonicalJson(resource)).digest('base64url');
  return { ...write, document: { ...write.document, state, hash } };
}

/** The folder of the tenants' files with so many patients, made when it is not there. Says how long that took. */
export function hospitalStore(patients: number): string {
  const folder = storeFolder(patients, `format${resourceFormat}-applied`);
  const done = join(folder, 'whole');
  if (existsSync(done)) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const start = performance.now();
  const files = new TenantFiles(folder, false, prepareSearch);
  const file = files.get(tenant);
  if (file === undefined) throw new Error('the store cannot be made');
  file.db.exec('PRAGMA synchronous = OFF');
  file.db.exec('PRAGMA cache_size = -500000');
  const counters = { commits: 0, documents: 0, versions: 0, indexRows: 0, touches: 0 };
  // what a resource has in common with that of the patient before is not extracted again
  let before: readonly JsonObject[] = [];
  for (let from = 0; from < patients; from += patientsPerCommit) {
    const until = Math.min(from + patientsPerCommit, patients);
    file.db.transaction(() => {
      for (let patient = from; patient < until; patient++) {
        const resources = resourcesOf(patient);
        for (const [at, resource] of resources.entries()) {
          writeDocument(file, asApplied(resource, before[at], patient), counters);
        }
        before = resources;
      }
    });
  }
  files.close();
  writeFileSync(done, '');
  const seconds = (performance.now() - start) / 1000;
  console.log(`made a store of ${patients} patients, ${counters.documents} resources in ${seconds.toFixed(0)} s`);
  return folder;
}
