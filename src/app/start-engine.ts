/** The engine of a process: which mapping is live, and the thread that takes messages into FHIR. */
import type { Config } from '../core/config.js';
import type { StartedParts } from '../core/lifecycle.js';
import type { SettleOutcome } from '../store/archive-port.js';
import type { Installation } from './installation.js';
import { type MappingSources, mappingSources } from './mapping-files.js';
import { type MappingVersions, openMappingVersions } from './mapping-versions.js';
import { sourceProfiles } from './source-config.js';
import { startTransform } from './start-transform.js';
import type { TransformService } from './transform-service.js';

export interface Engine {
  readonly transform: TransformService;
  readonly mapping: MappingVersions;
  /** Of the configuration that is in use. */
  sources(): MappingSources;
  /** Settings of listeners for messages from now on; those of listeners that have left stay, as their messages may wait. */
  useProfiles(config: Config): Promise<void>;
}

type Settled = (outcome: Pick<SettleOutcome, 'sequence' | 'state' | 'reason'>) => void;

/**
 * Starts the thread, which waits for its `begin`, and publishes the mapping files. `current` is the configuration in use.
 * @throws Fault `config-invalid` for mapping files of a first start that do not hold together
 */
export async function startEngine(
  parts: StartedParts,
  here: Installation,
  { current, settled }: { current(): Config; settled: Settled },
): Promise<Engine> {
  const { registry, clock, log, metrics, stores, plan, choice, run, master, threads } = here;
  const sources = (): MappingSources => mappingSources(current());
  let profiles = sourceProfiles(current());
  const transform = parts.add(
    'transform',
    startTransform(
      { stores: choice, run, master, logLevel: current().logLevel, profiles },
      ({ settled: outcomes, repeated, seconds, written }) => {
        if (repeated > 0) metrics.repeated.add({}, repeated);
        for (const [kind, rows] of Object.entries(written)) metrics.written.add({ kind }, rows);
        for (const outcome of outcomes) {
          metrics.settled.add({ state: outcome.state });
          metrics.transform.observe({}, seconds / outcomes.length);
          settled(outcome);
        }
      },
      threads.watch('transform'),
    ),
    (service) => service.end(),
  );
  const mapping = await openMappingVersions({
    ...{ sources, registry, clock, log, metrics },
    firstCheck: (...files) => transform.check(...files),
    // a thread that is just being started anew takes the newest by itself
    changed: () => transform.refresh().catch(() => undefined),
    hasData: () => stores.mayHold(),
    rebuild: () => plan.note(),
  });
  return {
    ...{ transform, mapping, sources },
    useProfiles(config) {
      profiles = { ...profiles, ...sourceProfiles(config) };
      return transform.useProfiles(profiles);
    },
  };
}
