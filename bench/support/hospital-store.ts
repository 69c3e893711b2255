/**
 * Stores on files of a given size for measuring reads: the hospital of the benchmarks, kept outside the checkout and used again
 * while seed and format are the same. Written by the store's own code, in large transactions that are not synced one by one.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeDocument } from '../../src/store/embedded/document-writer.js';
import { resourceFormat } from '../../src/store/embedded/resource-schema.js';
import { prepareSearch } from '../../src/store/embedded/search-run.js';
import { TenantFiles } from '../../src/store/embedded/tenant-files.js';
import { resourcesOf, storeFolder, tenant, writeOf } from './hospital.js';

const patientsPerCommit = 1000;

/** The folder of the tenants' files with so many patients, made when it is not there. Says how long that took. */
export function hospitalStore(patients: number): string {
  const folder = storeFolder(patients, `format${resourceFormat}`);
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
  for (let from = 0; from < patients; from += patientsPerCommit) {
    const until = Math.min(from + patientsPerCommit, patients);
    file.db.transaction(() => {
      for (let patient = from; patient < until; patient++) {
        for (const resource of resourcesOf(patient)) writeDocument(file, writeOf(resource), counters);
      }
    });
  }
  files.close();
  writeFileSync(done, '');
  const seconds = (performance.now() - start) / 1000;
  console.log(`made a store of ${patients} patients, ${counters.documents} resources in ${seconds.toFixed(0)} s`);
  return folder;
}
