import { fault } from '../core/errors.js';
import { patientIdsOf } from '../engine/patient-ids.js';
import type { TenantContext } from '../engine/prepare-batch.js';
import type { ArchivePort } from '../store/archive-port.js';

/**
 * The key by which the archive lists the messages of a patient: named by its id, or an identifier with or without `authority|`
 * before it; of several patients that the text may mean, the first that messages name.
 * @throws Fault `not-found` for a tenant that is not there (`context` undefined) and for a patient without messages
 */
export async function patientKey(
  archive: Pick<ArchivePort, 'list'>,
  context: TenantContext | undefined,
  tenant: string,
  patient: string,
): Promise<string> {
  if (context === undefined) throw fault('not-found', `no tenant ${tenant}`);
  for (const id of patientIdsOf(context, patient)) {
    const key = `Patient/${id}`;
    const [found] = await archive.list({ tenant, key, limit: 1 });
    if (found !== undefined) return key;
  }
  throw fault('not-found', 'no archived message names this patient');
}
