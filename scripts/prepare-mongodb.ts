/** Makes the replica set and the user of docker-compose.yml; passwords come from files. Run again it changes nothing. */
import { readFileSync } from 'node:fs';
import { makeReplicaSet } from './replica-set.js';

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set`);
  return value;
}

const secret = (name: string): string => readFileSync(variable(name), 'utf8').trim();

await makeReplicaSet({
  name: variable('MONGODB_SET'),
  hosts: variable('MONGODB_HOSTS').split(','),
  users: {
    root: { user: 'root', password: secret('MONGODB_ROOT_PASSWORD_FILE') },
    made: { user: variable('MONGODB_USER'), password: secret('MONGODB_PASSWORD_FILE') },
  },
  patience: 120_000,
});
process.stdout.write('the replica set has a primary, and the user is there\n');
