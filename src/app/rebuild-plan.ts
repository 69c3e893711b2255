/**
 * The plan to rebuild tenants whose ids are made from something else now: noted in the registry, so that it is carried out whatever
 * happens in between, one tenant after the other, by replays.
 */
import type { Clock } from '../core/clock.js';
import { Fault } from '../core/errors.js';
import type { Log } from '../core/log.js';
import type { RegistryPort } from '../store/registry-port.js';
import type { TransformService } from './transform-service.js';

export interface RebuildPlan {
  /** Puts tenants on the plan, or all. */
  note(tenants?: readonly string[]): Promise<void>;
  /** Goes on with the plan; to be called now and then. */
  step(): Promise<void>;
}

export interface RebuildPlanParts {
  readonly registry: Pick<RegistryPort, 'setting' | 'putSetting' | 'snapshot'>;
  readonly transform: () => Pick<TransformService, 'refresh' | 'startReplay' | 'replay'>;
  readonly clock: Clock;
  readonly log: Log;
}

const setting = 'rebuild';
const minute = 60_000;

/** Reads the plan that an earlier run may have left. */
export async function openRebuildPlan({ registry, transform, clock, log }: RebuildPlanParts): Promise<RebuildPlan> {
  let left = JSON.parse((await registry.setting(setting)) ?? '[]') as readonly string[];
  let job: string | undefined;
  let notBefore = 0;

  const keep = async (tenants: readonly string[]): Promise<void> => {
    await registry.putSetting(setting, JSON.stringify(tenants));
    left = tenants;
    job = undefined;
  };
  const start = async (tenant: string): Promise<void> => {
    await transform().refresh();
    try {
      job = (await transform().startReplay({ kind: 'tenant', tenant }, false)).id;
      log.info('a tenant is being rebuilt', { part: 'mapping', tenant });
    } catch (error) {
      // another replay runs: its turn comes
      if (!(error instanceof Fault) || error.code !== 'conflict') throw error;
    }
  };
  const look = async (tenant: string, id: string): Promise<void> => {
    const state = await transform()
      .replay(id)
      .then((replay) => replay.state)
      // the thread that carried it out is gone
      .catch(() => 'failed' as const);
    if (state === 'running') return;
    if (state === 'done') {
      log.info('a tenant was rebuilt', { part: 'mapping', tenant });
      if (job === id) await keep(left.filter((other) => other !== tenant));
      return;
    }
    job = undefined;
    notBefore = clock.now() + minute;
  };
  return {
    async note(tenants) {
      const noted = tenants ?? (await registry.snapshot()).tenants.map(({ id }) => id);
      await keep([...new Set([...left, ...noted])]);
    },
    async step() {
      const [tenant] = left;
      if (tenant === undefined || clock.now() < notBefore) return;
      if (job === undefined) await start(tenant);
      else await look(tenant, job);
    },
  };
}
