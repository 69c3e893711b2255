import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { accessFileName } from '../../src/admin/access-file.js';
import type { AdminParts } from '../../src/admin/admin-parts.js';
import { type AdminServer, startAdminServer } from '../../src/admin/admin-server.js';
import { assignMessage } from '../../src/app/assign-message.js';
import { systemClock } from '../../src/core/clock.js';
import { fault } from '../../src/core/errors.js';
import { silentLog } from '../../src/core/log.js';
import { createMetrics } from '../../src/core/metrics.js';
import { plainTenantSettings } from '../../src/core/tenant-settings.js';
import type { MessageDifference } from '../../src/engine/compare-mappings.js';
import type { ReplayJob, ReplayRequest } from '../../src/engine/replay-job.js';
import { newTally } from '../../src/engine/replay-parts.js';
import type { UpgradeJob } from '../../src/engine/upgrade-job.js';
import type { ArchivePort } from '../../src/store/archive-port.js';
import type { AuditEvent } from '../../src/store/audit-port.js';
import { openEmbeddedArchive } from '../../src/store/embedded/archive.js';
import { openEmbeddedRegistry } from '../../src/store/embedded/registry.js';
import type { RegistryPort } from '../../src/store/registry-port.js';
import { temporaryFolder } from '../store/embedded/temporary-folder.js';

export const north = '3f0c1f5a-0000-4000-8000-000000000001';

export interface OpenAdmin {
  readonly server: AdminServer;
  /** Its access file lies here. */
  readonly folder: string;
  readonly accessFile: string;
  readonly registry: RegistryPort;
  readonly archive: ArchivePort;
  readonly audited: AuditEvent[];
  /** What was asked to be replayed. */
  readonly replays: readonly { readonly request: ReplayRequest; readonly job: ReplayJob }[];
  /** Set to make every audit write fail. */
  auditDown: boolean;
}

const upgradeJob: UpgradeJob = {
  ...{ id: 'u1', edition: 2, state: 'waiting', startedAt: 0, endedAt: undefined, error: undefined },
  waitsFor: ['the transform process 17 on north-1 runs version 0.0.0'],
  tenants: [{ tenant: north, documents: 41_000, done: 40_998, refused: 2 }],
};

const differing: MessageDifference = {
  message: '1-1',
  type: 'ADT^A01',
  before: { outcome: 'mapped', reason: '' },
  after: { outcome: 'mapped', reason: '' },
  resources: [
    {
      reference: 'Patient/p1',
      change: 'changed',
      elements: [{ path: 'gender', before: 'male', rules: ['PID[Patient]/PID-8'] }],
    },
  ],
  patients: ['p1'],
};

/** An admin API over real embedded stores, on a free port; closed with the test. */
export async function openAdmin(t: TestContext): Promise<OpenAdmin> {
  const { path: folder, remove } = temporaryFolder();
  const registry = openEmbeddedRegistry(join(folder, 'registry.db'));
  const archive = openEmbeddedArchive(join(folder, 'archive'), { run: 1, keyOf: () => Buffer.alloc(32, 1) });
  const audited: AuditEvent[] = [];
  const state = {
    auditDown: false,
    replays: [] as { request: ReplayRequest; job: ReplayJob }[],
    upgrade: undefined as UpgradeJob | undefined,
  };
  const parts: AdminParts = {
    registry,
    archive,
    audit: {
      append: async (events) => {
        if (state.auditDown) throw fault('audit-unavailable', 'the audit cannot be written');
        audited.push(...events);
      },
    },
    clock: systemClock,
    log: silentLog,
    metrics: createMetrics(),
    createTenant: async ({ name, id = north }) => {
      const { tenants } = await registry.snapshot();
      if (tenants.some((tenant) => tenant.id === id)) throw fault('conflict', `a tenant ${id} exists already`);
      const tenant = {
        id,
        name,
        createdAt: 1,
        kind: 'own',
        settings: {},
        sealedIdKey: 'SEALED',
        sealedDataKey: 'SEALED',
        partitions: 32,
        fromConfiguration: false,
      } as const;
      await registry.putTenant(tenant);
      return tenant;
    },
    explain: async () => ({
      outcome: 'mapped',
      elements: [
        {
          resource: 'patient',
          path: 'gender',
          rule: 'PID[Patient]/PID-8',
          from: ['PID[1]-8[1]'],
          labels: ['Administrative Sex'],
        },
      ],
      fields: [
        {
          field: 'PID[1]-8[1]',
          label: 'Administrative Sex',
          fate: 'mapped',
          rules: ['PID[Patient]/PID-8'],
          example: 'A',
        },
        { field: 'PID[1]-31[1]', label: 'Identity Unknown Indicator', fate: 'unmapped', rules: [], example: 'A' },
      ],
      diagnostics: [
        {
          severity: 'warning',
          code: 'code-unmapped',
          at: 'PID[1]-16[1]',
          message: 'no row',
          unmapped: { table: 'HL70002.marital-status', system: 'http://example.org', code: 'ZW' },
        },
      ],
    }),
    patientKey: async (tenant, patient) => {
      if (tenant === north && patient === 'NORTH|1') return 'Patient/p1';
      throw fault('not-found', 'no archived message names this patient');
    },
    release: (message) => archive.release(message),
    park: async () => false,
    assign: (message, tenant) =>
      assignMessage(
        {
          ...{ archive, clock: systemClock, partitions: 32, charset: () => undefined },
          queue: { enqueue: async () => undefined },
          tenants: { ids: () => [north], settings: () => plainTenantSettings },
        },
        message,
        tenant,
      ),
    mapping: {
      publish: async (base) => {
        if (base?.['bad.yaml'] !== undefined) throw fault('mapping-invalid', 'bad.yaml:1:1 no mapping');
        return { version: 2, changed: true };
      },
      refusal: () => ({ at: 0, problems: ['mappings/pid.yaml:3:5 not known'] }),
    },
    async dryRun({ base, last }) {
      if (base?.['bad.yaml'] !== undefined) throw fault('mapping-invalid', 'bad.yaml:1:1 no mapping');
      return { messages: last, differ: 1, ends: [], elements: [], shown: [differing] };
    },
    replays: {
      async start(request, dry) {
        const job: ReplayJob = {
          id: `r${state.replays.length + 1}`,
          state: 'running',
          dry,
          startedAt: 0,
          endedAt: undefined,
          error: undefined,
          tally: newTally(),
        };
        state.replays.push({ request, job });
        return job;
      },
      list: async () => state.replays.map(({ job }) => job),
      get: async (id) => replayOf(state, id),
      differences: async () => [
        {
          reference: 'Patient/p1',
          change: 'changed',
          patient: 'p1',
          elements: [{ path: 'gender', before: 'male', after: 'female' }],
        },
      ],
      stop: async (id) => ({ ...replayOf(state, id), state: 'stopped' }),
    },
    upgrades: {
      plan: async () => ({
        ...{ edition: 2, mappingVersion: 3, queueFormat: { found: 1, known: 1 }, otherProcesses: [] },
        tenants: [
          {
            ...{ id: north, name: 'North', format: { found: 3, known: 4 }, estimated: true },
            documents: [
              { edition: 1, documents: 41_000 },
              { edition: 2, documents: 7 },
            ],
          },
        ],
      }),
      state: async () => ({ edition: 2, editions: [1, 2], job: state.upgrade }),
      start: async () => {
        state.upgrade ??= upgradeJob;
        return state.upgrade;
      },
      stop: async () => {
        if (state.upgrade === undefined) throw fault('not-found', 'no upgrade was started');
        state.upgrade = { ...state.upgrade, state: 'stopped', endedAt: 60_000 };
        return state.upgrade;
      },
    },
    status: async () => ({
      version: '0.0.0',
      startedAt: 0,
      publicUrl: 'http://127.0.0.1:1',
      directories: [],
      listeners: [{ name: 'adt', host: '127.0.0.1', port: 2575, connections: 1 }],
      processes: [
        { role: 'all', host: 'north-1', pid: 17, version: '0.0.0', startedAt: 0, ready: true, silentFor: 0 },
        { role: 'facade', host: 'north-2', pid: 18, version: '0.0.0', startedAt: 0, ready: true, silentFor: 45_000 },
      ],
      threads: [{ name: 'archive', running: true, ended: 0 }],
      waiting: [{ tenant: north, since: 0, code: 'disk-full', reason: 'no space left' }],
      queueDepth: 0,
      freeBytes: null,
    }),
    recentFailures: () => [{ at: 0, level: 'error', text: 'a thread has ended', about: 'transform' }],
    ready: () => true,
  };
  const server = await startAdminServer(parts, { host: '127.0.0.1', port: 0, dataFolder: folder });
  t.after(async () => {
    await server.stop();
    await archive.close();
    await registry.close();
    remove();
  });
  return Object.assign(state, { server, folder, accessFile: join(folder, accessFileName), registry, archive, audited });
}

function replayOf({ replays }: Pick<OpenAdmin, 'replays'>, id: string): ReplayJob {
  const found = replays.find(({ job }) => job.id === id);
  if (found === undefined) throw fault('not-found', `no replay ${id}`);
  return found.job;
}
