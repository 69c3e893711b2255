/** Both hospitals over one archive and one store, as the transform thread keeps them, with a mapping that can be changed. */
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { systemClock } from '../../src/core/clock.js';
import { isTransient } from '../../src/core/errors.js';
import type { JsonObject } from '../../src/core/json.js';
import { silentLog } from '../../src/core/log.js';
import { besideReplays } from '../../src/engine/beside-replays.js';
import { compileFiles, mapperOver } from '../../src/engine/mapping-mapper.js';
import { prepareBatch } from '../../src/engine/prepare-batch.js';
import { applyPrepared, type EngineParts, processBatch } from '../../src/engine/process-batch.js';
import { type ReplayWish, replay } from '../../src/engine/replay.js';
import { newTally, type ReplayDifference, type ReplayParts, type ReplayTally } from '../../src/engine/replay-parts.js';
import { Turns } from '../../src/engine/turns.js';
import type { CompiledMapping } from '../../src/mapping/compile.js';
import type { ArchivePort } from '../../src/store/archive-port.js';
import { openEmbeddedResources } from '../../src/store/embedded/resources.js';
import { openScratch } from '../../src/store/embedded/scratch.js';
import type { ReplayBoardPort } from '../../src/store/replay-board-port.js';
import { type Batch, hospitalContexts, hospitalProfile } from './rehearsal.js';
import { temporaryFolder } from './temporary-folder.js';
import { tenantPicture } from './tenant-picture.js';

export interface Replayed {
  readonly tally: ReplayTally;
  readonly differences: readonly ReplayDifference[];
}

export class ReplayingHospital {
  readonly resources: ReplayParts['resources'];
  readonly archive: ArchivePort;
  readonly turns = new Turns();
  readonly #folder: string;
  #contexts: ReturnType<typeof hospitalContexts>;

  /** `resources` left out: a store of its own. */
  constructor(
    t: TestContext,
    archive: ArchivePort,
    files: Readonly<Record<string, string>>,
    version: number,
    resources?: ReplayParts['resources'],
  ) {
    this.#folder = temporaryFolder(t);
    this.archive = archive;
    if (resources === undefined) {
      const own = openEmbeddedResources(join(this.#folder, 'tenants'));
      t.after(() => own.close());
      this.resources = own;
    } else this.resources = resources;
    this.#contexts = contextsOf(files, version);
  }

  remap(files: Readonly<Record<string, string>>, version: number): void {
    this.#contexts = contextsOf(files, version);
  }

  /** As a live batch goes; handed out again while others are in its way. */
  async work(batch: Batch): Promise<void> {
    for (;;) {
      try {
        await this.turns.settling(() => this.workAnyhow(batch));
        return;
      } catch (error) {
        if (!isTransient(error)) throw error;
      }
    }
  }

  /** Without waiting for a turn, as a worker in another process would. */
  workAnyhow(batch: Batch) {
    const { archive, resources } = this;
    const parts: EngineParts = { ...this.#engine(), archive, resources };
    return processBatch(parts, { ...batch, partition: 0 });
  }

  /** As a worker in another process does, which knows of replays by their board. */
  workBeside(batch: Batch, board: ReplayBoardPort) {
    const { archive, resources } = this;
    const parts: EngineParts = { ...this.#engine(), archive, resources };
    return besideReplays({ board, run: 0 }, batch.tenant, async (beside) => {
      const prepared = await prepareBatch(parts, { ...batch, partition: 0 });
      await beside.announce(
        prepared.map((one) => {
          const { sequence, keys } = 'outcome' in one ? one.outcome : one;
          return { run: sequence.run, number: sequence.number, keys };
        }),
      );
      return applyPrepared(parts, batch.tenant, prepared);
    });
  }

  async replay(
    wish: ReplayWish,
    options: {
      readonly others?: NonNullable<ReplayParts['others']>;
      readonly dry?: true;
      readonly resources?: ReplayParts['resources'];
      readonly stopped?: () => boolean;
    } = {},
  ): Promise<Replayed> {
    const scratch = openScratch(join(this.#folder, 'scratch'));
    const differences: ReplayDifference[] = [];
    const tally = newTally();
    try {
      await replay(
        {
          engine: this.#engine(),
          archive: this.archive,
          resources: options.resources ?? this.resources,
          scratch,
          turns: this.turns,
          ...(options.others === undefined ? {} : { others: options.others }),
          dry: options.dry === true,
          stopped: options.stopped ?? (() => false),
          differs: (difference) => differences.push(difference),
        },
        wish,
        tally,
      );
    } finally {
      scratch.close();
    }
    return { tally, differences };
  }

  /** All that is known of a tenant, but for emptied documents, of which only the place is left. */
  async picture(tenant: string): Promise<Record<string, JsonObject>> {
    const names: string[] = [];
    let after: { type: string; id: string } | undefined;
    for (;;) {
      const documents = await this.resources.readAll(tenant, after, 500);
      names.push(...documents.map(({ type, id }) => `${type}/${id}`));
      after = documents.at(-1);
      if (documents.length < 500) break;
    }
    const picture = await tenantPicture(this.resources, tenant, names);
    return Object.fromEntries(
      Object.entries(picture).filter(
        ([, { shows, registers }]) => shows !== null || (registers as string[]).length > 0,
      ),
    );
  }

  #engine(): Omit<EngineParts, 'archive' | 'resources'> {
    return {
      tenant: (id) => this.#contexts.get(id),
      profile: hospitalProfile,
      clock: systemClock,
      log: silentLog,
    };
  }
}

const compiled = new Map<object, CompiledMapping>();

function contextsOf(files: Readonly<Record<string, string>>, version: number) {
  const mapping = compiled.get(files) ?? compileFiles(files);
  compiled.set(files, mapping);
  return hospitalContexts(mapperOver(mapping, version));
}
