/**
 * Makes the store of so many patients that `facade` measures, where it is not there yet: for large ones, which take an hour.
 * `node dist/bench/hospital.js [--store files|mongodb] [--patients N]`
 */
import { parseArgs } from 'node:util';
import { hospitalDatabase } from './support/hospital-database.js';
import { hospitalStore } from './support/hospital-store.js';

const { values } = parseArgs({
  options: { store: { type: 'string', default: 'files' }, patients: { type: 'string', default: '100000' } },
});
const patients = Number(values.patients);
if (!(patients > 0)) throw new Error('--patients takes a number above 0');
console.log(values.store === 'mongodb' ? await hospitalDatabase(patients) : hospitalStore(patients));
