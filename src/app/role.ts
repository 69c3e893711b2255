import { fault } from '../core/errors.js';
import type { StoreChoice } from './store-choice.js';

/** What a process of an installation does: everything, or one part of it beside other processes over the same stores. */
export type Role = 'all' | 'intake' | 'transform' | 'facade';

export const roles: readonly Role[] = ['all', 'intake', 'transform', 'facade'];

export interface Duties {
  /** Listeners and watched directories. */
  readonly intake: boolean;
  /** Messages into FHIR, mapping files, the admin API, and by lease what one process does for all. */
  readonly engine: boolean;
  /** FHIR and OAuth endpoints. */
  readonly facade: boolean;
}

/** @throws Fault `config-invalid` for a part alone over files, which no other process can share */
export function dutiesOf(role: Role, choice: StoreChoice): Duties {
  if (role !== 'all' && choice.kind === 'embedded') {
    throw fault('config-invalid', `the role ${role} needs mongodb and redis: only they are shared by processes`);
  }
  const has = (duty: Role): boolean => role === 'all' || role === duty;
  return { intake: has('intake'), engine: has('transform'), facade: has('facade') };
}
