/** A hospital that is what its messages say: HL7 bytes in, FHIR out, its messages processed in one order after the other. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { programFolder } from '../../src/cli/program-version.js';
import { systemClock } from '../../src/core/clock.js';
import { silentLog } from '../../src/core/log.js';
import { plainTenantSettings, type TenantSettings } from '../../src/core/tenant-settings.js';
import { compileFiles, mapperOver } from '../../src/engine/mapping-mapper.js';
import type { SourceProfile, TenantContext } from '../../src/engine/prepare-batch.js';
import { processBatch } from '../../src/engine/process-batch.js';
import { tenantNames } from '../../src/engine/tenant-names.js';
import { fhirVersions } from '../../src/fhir/version.js';
import { readMappingFiles } from '../../src/store/mapping-files.js';
import { north } from '../auth/open-auth.js';
import { type Facade, openFacade } from '../facade/open-facade.js';
import { Random } from './random.js';

const mapper = mapperOver(compileFiles(readMappingFiles(join(programFolder, 'mappings'), 'mappings/')), 1);

/** Segments of one message after MSH and EVN; `at` is its event time, in hours of a day, and its place in the archive. */
export interface Told {
  readonly event: string;
  readonly at: number;
  readonly segments: readonly string[];
  /** EVN-6, in hours; left out: none. */
  readonly occurred?: number;
}

/** `told('A01', 8, pid('A'), pv1('V1'))`. */
export function told(event: string, at: number, ...segments: string[]): Told {
  return { event, at, segments };
}

export function hours(at: number): string {
  return new Date(Date.UTC(2026, 4, 1, 0, Math.round(at * 60))).toISOString().replace(/[-:T]/g, '').slice(0, 14);
}

/** A PID with these identifiers, and fields by number. */
export function pid(identifiers: string, fields: Readonly<Record<number, string>> = {}): string {
  return segment('PID', { 1: '1', 3: identifiers, ...fields });
}

/** A PV1 of an inpatient with this number. */
export function pv1(visit: string, fields: Readonly<Record<number, string>> = {}): string {
  return segment('PV1', { 1: '1', 2: 'I', 19: visit, ...fields });
}

export function segment(name: string, fields: Readonly<Record<number, string>>): string {
  const last = Math.max(...Object.keys(fields).map(Number));
  return [name, ...Array.from({ length: last }, (_, index) => fields[index + 1] ?? '')].join('|');
}

const codes: Readonly<Record<string, string>> = { R01: 'ORU', O11: 'RDE', P03: 'DFT' };

function textOf({ event, at, segments, occurred }: Told, index: number): string {
  const code = codes[event] ?? (event.startsWith('T') ? 'MDM' : 'ADT');
  const header = `MSH|^~\\&|${code}1|NORTH|W|L|${hours(at)}||${code}^${event}|M${index}|P|2.5`;
  const evn =
    code === 'ADT' ? [`EVN|${event}|${hours(at)}${occurred === undefined ? '' : `||||${hours(occurred)}`}`] : [];
  return `${[header, ...evn, ...segments].join('\r')}\r`;
}

export class ToldHospital {
  readonly facade: Facade;
  readonly #context: TenantContext;
  readonly #profile: SourceProfile;
  /** What became of the messages, by their place among all: `applied`, or a state with its reason. */
  readonly ended = new Map<number, string>();

  private constructor(facade: Facade, context: TenantContext, profile: SourceProfile) {
    this.facade = facade;
    this.#context = context;
    this.#profile = profile;
  }

  /** `profile` is laid over the settings of its one listener. */
  static async open(
    t: TestContext,
    settings: Partial<TenantSettings> = {},
    profile: Partial<SourceProfile> = {},
  ): Promise<ToldHospital> {
    const all = { ...plainTenantSettings, zone: 'UTC', ...settings };
    const names = tenantNames(new Uint8Array(32).fill(3), all);
    const context = { settings: all, mapper, names };
    return new ToldHospital(await openFacade(t), context, { authority: {}, snapshot: [], ...profile });
  }

  /** The id of the document that messages with this key speak of. */
  id(type: string, ...parts: string[]): string {
    return this.#context.names.idOf(type, parts);
  }

  /**
   * Processes the messages one by one into an empty store, in their order, backwards, in some others with a part of them
   * twice, and all at once; each time `then` looks at what came of it. All are applied, but for those at the places `parked`.
   */
  async inEveryOrder(
    messages: readonly Told[],
    then: (order: string) => Promise<void>,
    parked: readonly number[] = [],
  ): Promise<void> {
    const random = new Random(messages.length);
    const orders: [string, Told[][]][] = [
      ['in order', messages.map((one) => [one])],
      ['backwards', messages.toReversed().map((one) => [one])],
      ['all at once', [[...messages]]],
      ...[1, 2, 3, 4].map((n): [string, Told[][]] => {
        const shuffled = random.shuffle([...messages, ...messages.filter(() => random.chance(0.3))]);
        return [`shuffled ${n}`, shuffled.map((one) => [one])];
      }),
    ];
    for (const [name, batches] of orders) {
      await this.facade.store.dropTenant(north);
      for (const batch of batches) await this.process(messages, batch);
      for (const [place, ended] of this.ended) {
        if (!parked.includes(place)) assert.equal(ended, 'applied', `${name}: message ${place}`);
      }
      await then(name);
    }
  }

  /** Processes some of all the messages, which are archived in their order. */
  async process(all: readonly Told[], some: readonly Told[]): Promise<void> {
    const row = (one: Told) => {
      const index = all.indexOf(one);
      const arrival = Date.UTC(2026, 4, 3) + index;
      return {
        sequence: { arrival, run: 1, number: index + 1 },
        tenant: north,
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
        payload: Buffer.from(textOf(one, index)),
      };
    };
    const rows = some.map(row);
    await processBatch(
      {
        archive: {
          read: async () => rows,
          settle: async (outcomes) => {
            for (const { sequence, state, reason } of outcomes) {
              this.ended.set(sequence.number - 1, `${state} ${reason}`.trim());
              if (state !== 'parked') assert.equal(`${state} ${reason}`, 'applied ');
            }
          },
        },
        resources: this.facade.store,
        tenant: () => this.#context,
        profile: () => this.#profile,
        clock: systemClock,
        log: silentLog,
      },
      { tenant: north, partition: 0, sequences: rows.map(({ sequence }) => sequence) },
    );
  }

  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
  async read(name: string): Promise<any> {
    const { status, body } = await this.facade.get('R4', `/${name}`);
    assert.equal(status, 200, name);
    return body;
  }

  /** Ids that a search finds, sorted; the same in every version that has the parameter under this name. */
  async found(query: string, versions = fhirVersions): Promise<string[]> {
    const answers = await Promise.all(versions.map((version) => this.facade.get(version, `/${query}`)));
    const ids = answers.map(({ body }) => {
      const matches = (body.entry ?? []).filter((one: { search?: { mode: string } }) => one.search?.mode === 'match');
      const found = matches.map((one: { resource: { id: string } }) => one.resource.id).sort() as string[];
      assert.equal(body.total, found.length, query);
      return found;
    });
    for (const each of ids) assert.deepEqual(each, ids[0], query);
    return ids[0] ?? [];
  }
}
