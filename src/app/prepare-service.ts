/** What the thread that prepares batches does for the transform thread. */
import type { WorkBatch } from '../queue/queue-port.js';
import type { TransformData } from './transform-service.js';

export interface PrepareService {
  /**
   * What the messages of a batch come to, as `printPrepared` prints it. Undefined where the registry is not at that generation:
   * a batch is mapped as the thread that applies it would.
   */
  prepare(batch: WorkBatch, generation: number): Promise<string | undefined>;
  useProfiles(profiles: TransformData['profiles']): Promise<void>;
  /** Closes the files. */
  end(): Promise<void>;
}

export const prepareMethods = ['prepare', 'useProfiles', 'end'] as const satisfies readonly (keyof PrepareService)[];
