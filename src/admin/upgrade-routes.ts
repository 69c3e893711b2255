import type { FastifyInstance } from 'fastify';
import { isUpgradeDue, type UpgradeJob, type UpgradeState } from '../engine/upgrade-job.js';
import type { AdminParts } from './admin-parts.js';
import { type Audit, audited } from './audit-action.js';

/**
 * `GET /upgrade` shows the editions that data may have and how far the upgrade is, `GET /upgrade/plan` what there is to do, by a look at
 * every tenant's data; `POST /upgrade` starts it, or finds the one that runs, and answers 202; `POST /upgrade/stop`.
 */
export function upgradeRoutes(api: FastifyInstance, { upgrades }: AdminParts, audit: Audit): void {
  api.get('/upgrade', async () => {
    const state = await upgrades.state();
    return { ...upgradeJson(state), tenants: state.job?.tenants ?? [] };
  });
  api.get('/upgrade/plan', async () => upgrades.plan());
  api.post('/upgrade', async (request, reply) =>
    audited(audit, { request, subject: 'upgrade-start', tenant: null }, async () => {
      const job = await upgrades.start();
      reply.code(202);
      return upgradeJobJson(job);
    }),
  );
  api.post('/upgrade/stop', async (request) =>
    audited(audit, { request, subject: 'upgrade-stop', tenant: null }, async () =>
      upgradeJobJson(await upgrades.stop()),
    ),
  );
}

/** Without what stands for each tenant. `due`: documents may have search values of another edition than this program makes. */
export function upgradeJson({ edition, editions, job }: UpgradeState) {
  return {
    ...{ edition, editions, due: isUpgradeDue({ edition, editions }) },
    job: job === undefined ? null : upgradeJobJson(job),
  };
}

/** Sums over all tenants. */
export function upgradeJobJson({ id, edition, state, startedAt, endedAt, error, waitsFor, tenants }: UpgradeJob) {
  const sum = (of: (one: UpgradeJob['tenants'][number]) => number): number =>
    tenants.reduce((all, one) => all + of(one), 0);
  return {
    ...{ id, edition, state },
    startedAt: new Date(startedAt).toISOString(),
    ...(endedAt === undefined ? {} : { endedAt: new Date(endedAt).toISOString() }),
    ...(error === undefined ? {} : { error }),
    waitsFor,
    documents: sum(({ documents }) => documents),
    done: sum(({ done }) => done),
    refused: sum(({ refused }) => refused),
  };
}
