/** Which mapping is live: valid files become the next version, and of invalid ones the refusal is kept to be shown. */
import type { Clock } from '../core/clock.js';
import { Fault, fault } from '../core/errors.js';
import type { Log } from '../core/log.js';
import type { Metrics } from '../core/metrics.js';
import type { RegistryPort } from '../store/registry-port.js';
import { checkBeside } from './mapping-check.js';
import { type CheckedFiles, type MappingFiles, type MappingSources, readAndCheck } from './mapping-files.js';

/** Why the files as they lie there are not live. */
export interface MappingRefusal {
  /** Epoch ms. */
  readonly at: number;
  /** `file:line:column` and what is wrong, one for each problem. */
  readonly problems: readonly string[];
}

export interface PublishedMapping {
  readonly version: number;
  /** False when the files are those that were live already. */
  readonly changed: boolean;
}

export interface MappingVersions {
  /**
   * Makes the files as they lie there, or `base` with the tenants' layers, the live version. One at a time.
   * @throws Fault `mapping-invalid` with one line per problem; what was live stays
   */
  publish(base?: MappingFiles): Promise<PublishedMapping>;
  /** Undefined when the files are live. */
  refusal(): MappingRefusal | undefined;
}

interface MappingVersionsParts {
  /** Asked each time. */
  sources(): MappingSources;
  readonly registry: Pick<RegistryPort, 'publishMapping' | 'snapshot'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'mappingVersion' | 'mappingRefusals'>;
  /** Resolves when what maps messages has changed over. */
  changed(): Promise<void>;
}

const problemsLogged = 5;

/**
 * Publishes what lies there at the start. Files that do not hold together prevent only the first start; later the version
 * that was live goes on, and the refusal shows.
 * @throws Fault `config-invalid` with one line per problem
 */
export async function openMappingVersions(parts: MappingVersionsParts): Promise<MappingVersions> {
  const { sources, registry, clock, log, metrics, changed } = parts;
  let live = (await registry.snapshot()).mappingVersion;
  let refusal: MappingRefusal | undefined;

  const take = async ({ files, hash }: CheckedFiles): Promise<PublishedMapping> => {
    const version = await registry.publishMapping(hash, files, clock.now());
    const before = live;
    live = version;
    metrics.mappingVersion.set({}, version);
    return { version, changed: version !== before };
  };
  const refuse = (error: unknown): void => {
    const problems = error instanceof Fault ? error.message.split('\n') : ['the files could not be checked'];
    refusal = { at: clock.now(), problems };
    metrics.mappingRefusals.add({});
    const told = problems.slice(0, problemsLogged).join('; ');
    log.error('the mapping files do not hold together, what was live stays', {
      part: 'mapping',
      version: String(live),
      count: problems.length,
      error: error instanceof Fault ? fault(error.code, told) : error,
    });
  };
  const publish = async (base: MappingFiles | undefined): Promise<PublishedMapping> => {
    let published: PublishedMapping;
    try {
      published = await take(await checkBeside(sources(), base));
    } catch (error) {
      // what was handed in is refused to who did so
      if (base === undefined) refuse(error);
      throw error;
    }
    refusal = undefined;
    if (published.changed) {
      log.info('a new mapping version is live', { part: 'mapping', version: String(published.version) });
      await changed();
    }
    return published;
  };

  try {
    await take(readAndCheck(sources()));
  } catch (error) {
    if (live === 0 && error instanceof Fault) throw fault('config-invalid', error.message);
    if (!(error instanceof Fault) || error.code !== 'mapping-invalid') throw error;
    metrics.mappingVersion.set({}, live);
    refuse(error);
  }
  let last: Promise<unknown> = Promise.resolve();
  return {
    publish(base) {
      const next = last.then(() => publish(base));
      last = next.catch(() => undefined);
      return next;
    },
    refusal: () => refusal,
  };
}
