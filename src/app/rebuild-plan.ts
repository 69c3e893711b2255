/**
 * The plan to rebuild tenants whose ids are made from something else now: noted in the registry, so that it is carried out whatever
 * happens in between, one tenant after the other, by replays. Any process may put tenants on it; one at a time carries it out.
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../core/clock.js';
import { Fault } from '../core/errors.js';
import type { Log } from '../core/log.js';
import type { RegistryPort } from '../store/registry-port.js';
import type { TransformService } from './transform-service.js';

export interface RebuildPlan {
  /** Puts tenants on the plan, or all. */
  note(tenants?: readonly string[]): Promise<void>;
  /** Goes on with the plan; to be called now and then, by one process at a time. */
  step(): Promise<void>;
}

export interface RebuildPlanParts {
  readonly registry: Pick<RegistryPort, 'setting' | 'putSetting' | 'snapshot' | 'lease'>;
  readonly transform: () => Pick<TransformService, 'refresh' | 'startReplay' | 'replay'>;
  readonly clock: Clock;
  readonly log: Log;
}

const setting = 'rebuild';
const minute = 60_000;
interface Planned {
  readonly tenant: string;
  /** Of the time that it was put on the plan: one that is put there again while it is rebuilt is done again. */
  readonly mark: string;
}

/** How long a process that died keeps others from changing the plan. In milliseconds. */
const edits = 5_000;

/** Opens the plan that an earlier run may have left. */
export function openRebuildPlan({ registry, transform, clock, log }: RebuildPlanParts): RebuildPlan {
  let job: { readonly id: string; readonly planned: Planned } | undefined;
  let notBefore = 0;

  const read = async (): Promise<readonly Planned[]> =>
    JSON.parse((await registry.setting(setting)) ?? '[]') as Planned[];
  const edit = async (decide: (left: readonly Planned[]) => readonly Planned[]): Promise<void> => {
    // each change has a name of its own, so that two of one process do not share the lease
    const editor = newMark();
    while (!(await registry.lease('change of the rebuild plan', editor, edits)))
      await new Promise((resolve) => setTimeout(resolve, 50));
    try {
      await registry.putSetting(setting, JSON.stringify(decide(await read())));
    } finally {
      await registry.lease('change of the rebuild plan', editor, 0);
    }
  };
  const start = async (planned: Planned): Promise<void> => {
    const { tenant } = planned;
    await transform().refresh();
    try {
      job = { id: (await transform().startReplay({ kind: 'tenant', tenant }, false)).id, planned };
      log.info('a tenant is being rebuilt', { part: 'mapping', tenant });
    } catch (error) {
      // another replay runs: its turn comes
      if (!(error instanceof Fault) || error.code !== 'conflict') throw error;
    }
  };
  const look = async (current: NonNullable<typeof job>): Promise<void> => {
    const { id, planned } = current;
    const state = await transform()
      .replay(id)
      .then((replay) => replay.state)
      // the thread that carried it out is gone
      .catch(() => 'failed' as const);
    if (state === 'running') return;
    if (state === 'done') {
      log.info('a tenant was rebuilt', { part: 'mapping', tenant: planned.tenant });
      await edit((left) => left.filter(({ mark }) => mark !== planned.mark));
    } else notBefore = clock.now() + minute;
    job = undefined;
  };
  return {
    async note(tenants) {
      const noted = tenants ?? (await registry.snapshot()).tenants.map(({ id }) => id);
      await edit((left) => [
        ...left.filter(({ tenant }) => !noted.includes(tenant)),
        ...noted.map((tenant) => ({ tenant, mark: newMark() })),
      ]);
    },
    async step() {
      if (clock.now() < notBefore) return;
      const [planned] = await read();
      if (planned === undefined) return;
      if (job === undefined) await start(planned);
      else await look(job);
    },
  };
}

function newMark(): string {
  return randomBytes(6).toString('hex');
}
