/** What a move carries, in its order: the installation's own data, then those of each tenant. */

import type { MoveTarget } from '../store/mongodb/move-target.js';
import type { MovedHead, OutgoingRows } from '../store/moved-rows.js';
import { type MovePart, movePart, smallPart } from './move-part.js';
import type { MoveSource } from './move-source.js';

export interface MoveStage {
  /** undefined for the installation's own data. */
  readonly tenant: string | undefined;
  readonly parts: readonly MovePart[];
  /** After all its parts were copied: indexes and formats. */
  finish(): Promise<void>;
  close(): void;
}

/** Each stage is opened when its turn comes: there may be thousands of tenants. */
export function* moveStages(source: MoveSource, target: MoveTarget): Generator<MoveStage> {
  yield installationStage(source, target);
  for (const { id } of source.registry.tenants) {
    const stage = tenantStage(source, target, id);
    try {
      yield stage;
    } finally {
      stage.close();
    }
  }
}

function installationStage({ registry, archive, audit }: MoveSource, target: MoveTarget): MoveStage {
  const runs = archive.runs();
  const heads: readonly MovedHead[] = audit?.heads() ?? [];
  return {
    tenant: undefined,
    parts: [
      smallPart('registry', {
        expected: () => target.registry.expected(registry),
        put: () => target.registry.put(registry),
        stored: () => target.registry.stored(),
      }),
      movePart('messages', archive.messages, target.archive.messages),
      movePart('outcomes', archive.outcomes, target.archive.outcomes),
      smallPart('open messages', {
        expected: () => target.archive.expectedRuns(runs),
        put: () => target.archive.putRuns(runs),
        stored: () => target.archive.storedRuns(),
      }),
      movePart('audit', audit?.records ?? nothing, target.audit.records),
      smallPart('ends of the audit', {
        expected: () => target.audit.expectedHeads(heads),
        put: () => target.audit.putHeads(heads),
        stored: () => target.audit.storedHeads(),
      }),
    ],
    async finish() {
      await target.archive.finish();
      await target.audit.finish();
    },
    close: () => undefined,
  };
}

function tenantStage(source: MoveSource, target: MoveTarget, tenant: string): MoveStage {
  const outgoing = source.tenant(tenant);
  const incoming = target.tenant(tenant);
  return {
    tenant,
    parts: [
      movePart('resources', outgoing?.documents ?? nothing, incoming.documents),
      movePart('versions', outgoing?.versions ?? nothing, incoming.versions),
    ],
    async finish() {
      if (outgoing !== undefined) await incoming.finish();
    },
    close: () => outgoing?.close(),
  };
}

const nothing: OutgoingRows<never, never> = { count: () => 0, after: () => [], size: () => 0 };
