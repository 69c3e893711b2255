import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { guid } from '../core/config-values.js';
import { Fault, fault } from '../core/errors.js';
import type { DryRunSummary } from '../engine/dry-run.js';
import type { AdminParts } from './admin-parts.js';
import type { Audit } from './audit-action.js';
import { fileSet, largestSet } from './mapping-routes.js';
import { checked } from './problem.js';

const wish = z.strictObject({
  files: fileSet.optional(),
  layers: fileSet.optional(),
  tenant: guid.optional(),
  last: z.number().int().min(1).max(10_000).default(100),
  show: z.number().int().min(0).max(500).default(20),
});

/**
 * `POST /mapping/dry-run {files?, layers?, tenant?, last?, show?}`: what the files would make of the newest archived messages,
 * against the live mapping. Nothing is published. The messages shown are an audited read of their patients' data.
 */
export function dryRunRoutes(api: FastifyInstance, { dryRun }: AdminParts, audit: Audit): void {
  api.post('/mapping/dry-run', { bodyLimit: largestSet }, async (request) => {
    const { files: base, layers, tenant, last, show } = checked(wish, request.body);
    if (layers !== undefined && tenant === undefined) {
      throw fault('invalid-request', 'layers: name the tenant whose layers they are');
    }
    const what = { request, action: 'message-read', subject: 'mapping-dry-run', tenant: tenant ?? null } as const;
    let summary: DryRunSummary;
    try {
      summary = await dryRun({
        last,
        show,
        ...(base === undefined ? {} : { base }),
        ...(layers === undefined ? {} : { layers }),
        ...(tenant === undefined ? {} : { tenant }),
      });
    } catch (error) {
      await audit({ ...what, status: error instanceof Fault ? error.httpStatus : 500 });
      throw error;
    }
    const patients = [...new Set(summary.shown.flatMap((message) => message.patients))];
    await audit({ ...what, status: 200, patients });
    return { ...summary, shown: summary.shown.map(({ patients: _shown, ...message }) => message) };
  });
}
