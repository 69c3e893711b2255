/** Which mapping is live: valid files become the next version, and of invalid ones the refusal is kept to be shown. */
import type { Clock } from '../core/clock.js';
import { Fault, fault } from '../core/errors.js';
import type { Log } from '../core/log.js';
import type { Metrics } from '../core/metrics.js';
import type { RegistryPort } from '../store/registry-port.js';
import { checkBeside } from './mapping-check.js';
import type { CheckedFiles, LiveFiles, MappingFiles, MappingSources } from './mapping-files.js';

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
   * Makes the files as they lie there, or `base` with the tenants' layers, the live version. One at a time. With `rebuild`
   * they may change what ids are made from: all tenants are rebuilt under them.
   * @throws Fault `mapping-invalid` or `mapping-rekeys`, with one line per problem; what was live stays
   */
  publish(base?: MappingFiles, rebuild?: boolean): Promise<PublishedMapping>;
  /** Undefined when the files are live. */
  refusal(): MappingRefusal | undefined;
}

interface MappingVersionsParts {
  /** Asked each time. */
  sources(): MappingSources;
  readonly registry: Pick<RegistryPort, 'publishMapping' | 'snapshot' | 'mapping'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'mappingVersion' | 'mappingRefusals'>;
  /** `readAndCheck` for the start, when nobody waits for the thread that does it. Later sets are checked in threads of their own. */
  firstCheck(sources: MappingSources, base: undefined, live: LiveFiles | undefined): Promise<CheckedFiles>;
  /** Resolves when what maps messages has changed over. */
  changed(): Promise<void>;
  /** True when a tenant holds data, whose ids a changed key would leave behind. */
  hasData(): boolean;
  /** Rebuilds all tenants; resolves when that is noted, so that it is done whatever happens. */
  rebuild(): Promise<void>;
}

const problemsLogged = 5;
/** For these the version that was live goes on. */
const refusals: ReadonlySet<string> = new Set(['mapping-invalid', 'mapping-rekeys']);

/**
 * Publishes what lies there at the start. Files that do not hold together prevent only the first start; later the version
 * that was live goes on, and the refusal shows.
 * @throws Fault `config-invalid` with one line per problem
 */
export async function openMappingVersions(parts: MappingVersionsParts): Promise<MappingVersions> {
  const { sources, registry, clock, log, metrics, firstCheck, changed, hasData, rebuild } = parts;
  let live = (await registry.snapshot()).mappingVersion;
  let refusal: MappingRefusal | undefined;

  const liveFiles = async () => (hasData() ? await registry.mapping(live) : undefined);
  const take = async ({ files, hash, rekeys }: CheckedFiles, rebuilt: boolean): Promise<PublishedMapping> => {
    if (rekeys.length > 0 && !rebuilt) throw fault('mapping-rekeys', rekeys.join('\n'));
    // noted before, so that a crash leaves none out, and after, as a rebuild that began in between went by the former keys
    if (rekeys.length > 0) await rebuild();
    const version = await registry.publishMapping(hash, files, clock.now());
    if (rekeys.length > 0) await rebuild();
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
    const rekeys = error instanceof Fault && error.code === 'mapping-rekeys';
    const why = rekeys ? 'change what ids are made from' : 'do not hold together';
    log.error(`the mapping files ${why}, what was live stays`, {
      part: 'mapping',
      version: String(live),
      count: problems.length,
      error: error instanceof Fault ? fault(error.code, told) : error,
    });
  };
  const publish = async (base: MappingFiles | undefined, rebuilt: boolean): Promise<PublishedMapping> => {
    let published: PublishedMapping;
    try {
      published = await take(await checkBeside(sources(), base, await liveFiles()), rebuilt);
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
    await take(await firstCheck(sources(), undefined, await liveFiles()), false);
  } catch (error) {
    if (live === 0 && error instanceof Fault) throw fault('config-invalid', error.message);
    if (!(error instanceof Fault) || !refusals.has(error.code)) throw error;
    metrics.mappingVersion.set({}, live);
    refuse(error);
  }
  let last: Promise<unknown> = Promise.resolve();
  return {
    publish(base, rebuilt = false) {
      const next = last.then(() => publish(base, rebuilt));
      last = next.catch(() => undefined);
      return next;
    },
    refusal: () => refusal,
  };
}
