/** Which tenants' messages wait, and for what: said once when it begins and once when it ends, however many batches fail. */
import { Fault } from '../core/errors.js';
import type { Log } from '../core/log.js';
import type { WorkBatch } from '../queue/queue-port.js';

/** Messages that wait until what they need is back. */
export interface TenantTrouble {
  readonly tenant: string;
  /** Epoch ms. */
  readonly since: number;
  /** Code of the error catalogue. */
  readonly code: string;
  /** What is wrong; nothing of a patient. */
  readonly reason: string;
}

interface Trouble extends TenantTrouble {
  readonly partitions: Set<number>;
  failures: number;
}

type Batch = Pick<WorkBatch, 'tenant' | 'partition'>;

export class TenantTroubles {
  readonly #log: Log;
  readonly #now: () => number;
  readonly #troubles = new Map<string, Trouble>();
  /** Log lines of a full disk are one for all tenants. */
  #fullDisk = false;

  constructor(log: Log, now: () => number) {
    this.#log = log;
    this.#now = now;
  }

  /** A batch failed and is tried again. */
  failed({ tenant, partition }: Batch, error: unknown): void {
    const { code, message } = error instanceof Fault ? error : { code: 'internal', message: 'unexpected error' };
    const known = this.#troubles.get(tenant);
    if (known !== undefined && known.code === code) {
      known.partitions.add(partition);
      known.failures++;
      return;
    }
    const partitions = new Set([...(known?.partitions ?? []), partition]);
    const failures = (known?.failures ?? 0) + 1;
    this.#troubles.set(tenant, { tenant, since: this.#now(), code, reason: message, partitions, failures });
    if (code !== 'disk-full') {
      this.#log.error('messages of a tenant wait and are tried again', { tenant, partition, error });
    } else if (!this.#fullDisk) {
      this.#fullDisk = true;
      this.#log.error('the disk is full: messages wait and are tried again', { error });
    }
  }

  /** A batch was applied. */
  worked({ tenant, partition }: Batch): void {
    const trouble = this.#troubles.get(tenant);
    if (trouble === undefined) return;
    trouble.partitions.delete(partition);
    if (trouble.partitions.size > 0) return;
    this.#troubles.delete(tenant);
    if (trouble.code !== 'disk-full') {
      this.#log.info('messages of a tenant are applied again', { tenant, count: trouble.failures });
    } else if (![...this.#troubles.values()].some(({ code }) => code === 'disk-full')) {
      this.#fullDisk = false;
      this.#log.info('the disk has room again: messages are applied');
    }
  }

  list(): TenantTrouble[] {
    return [...this.#troubles.values()].map(({ tenant, since, code, reason }) => ({ tenant, since, code, reason }));
  }
}
