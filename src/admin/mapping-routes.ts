import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { AdminParts } from './admin-parts.js';
import { type Audit, audited } from './audit-action.js';
import { checked } from './problem.js';

const page = z.strictObject({ limit: z.coerce.number().int().min(1).max(1000).default(20) });
/** Mapping files by their names, in a body of at most so many bytes. */
export const fileSet = z.record(z.string().regex(/\.ya?ml$/), z.string());
export const largestSet = 16 * 1024 * 1024;
const set = z.strictObject({ files: fileSet.optional(), rebuild: z.boolean().default(false) });

/**
 * `GET /mapping/versions` (newest first, the first is live; `refusal` says why the files as they lie there are not), and
 * `POST /mapping/publish {files?, rebuild?}`: makes the configured files live, or these in place of the base ones; with `rebuild` also
 * where they change what ids are made from.
 */
export function mappingRoutes(api: FastifyInstance, { registry, mapping }: AdminParts, audit: Audit): void {
  api.get('/mapping/versions', async (request) =>
    audited(audit, { request, subject: 'mapping-versions', tenant: null }, async () => {
      const versions = await registry.mappings(checked(page, request.query).limit);
      const refusal = mapping.refusal();
      return {
        versions: versions.map(({ number, hash, publishedAt }, index) => ({
          number,
          hash,
          publishedAt: new Date(publishedAt).toISOString(),
          live: index === 0,
        })),
        refusal: refusal === undefined ? null : { ...refusal, at: new Date(refusal.at).toISOString() },
      };
    }),
  );
  api.post('/mapping/publish', { bodyLimit: largestSet }, async (request) =>
    audited(audit, { request, subject: 'mapping-publish', tenant: null }, async () => {
      const { files, rebuild } = checked(set, request.body);
      return mapping.publish(files, rebuild);
    }),
  );
}
