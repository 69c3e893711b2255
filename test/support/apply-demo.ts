/** The demo hospital's messages, applied to a store by the engine. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { advanceHospital, openHospital } from '../../src/cli/demo-hospital.js';
import { demoZone } from '../../src/cli/demo-messages.js';
import { programFolder } from '../../src/cli/program-version.js';
import { systemClock } from '../../src/core/clock.js';
import { silentLog } from '../../src/core/log.js';
import { plainTenantSettings } from '../../src/core/tenant-settings.js';
import { compileFiles, mapperOver } from '../../src/engine/mapping-mapper.js';
import { processBatch } from '../../src/engine/process-batch.js';
import { tenantNames } from '../../src/engine/tenant-names.js';
import { readMappingFiles } from '../../src/store/mapping-files.js';
import type { ResourcePort } from '../../src/store/resource-port.js';

/** Messages of a hospital's opening, and of so much that happens afterwards; the same ones for the same seed. */
export function demoMessages(seed: number, happenings: number): string[] {
  const now = Date.UTC(2026, 10, 1, 12);
  const state = openHospital(seed, now);
  for (let at = 0; at < happenings; at++) advanceHospital(state, now + at * 60_000);
  return [...state.pending];
}

/** Applies them in batches, and gives the names of all documents made. */
export async function applyMessages(
  resources: ResourcePort,
  tenant: string,
  messages: readonly string[],
  batch: number,
): Promise<ReadonlySet<string>> {
  const settings = { ...plainTenantSettings, zone: demoZone };
  const mapper = mapperOver(compileFiles(readMappingFiles(join(programFolder, 'mappings'), 'mappings/')), 1);
  const context = { settings, mapper, names: tenantNames(new Uint8Array(32).fill(7), settings) };
  const made = new Set<string>();
  const rows = messages.map((text, index) => ({
    sequence: { arrival: Date.UTC(2026, 10, 3) + index, run: 1, number: index + 1 },
    tenant,
    kind: 'message' as const,
    listener: 'main',
    peer: '',
    sender: '',
    type: '',
    sentAt: '',
    controlId: '',
    partition: 0,
    flags: [],
    size: 0,
    payload: Buffer.from(text),
  }));
  for (let at = 0; at < rows.length; at += batch) {
    const some = rows.slice(at, at + batch);
    await processBatch(
      {
        archive: {
          read: async () => some,
          settle: async (outcomes) => {
            for (const { state, reason, made: documents } of outcomes) {
              assert.equal(`${state} ${reason}`, 'applied ');
              for (const { type, id } of documents) made.add(`${type}/${id}`);
            }
          },
        },
        resources,
        tenant: () => context,
        profile: () => ({ authority: {}, snapshot: [] }),
        clock: systemClock,
        log: silentLog,
      },
      { tenant, partition: 0, sequences: some.map(({ sequence }) => sequence) },
    );
  }
  return made;
}
