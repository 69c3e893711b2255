import { Worker } from 'node:worker_threads';
import { callsOver } from '../core/thread-rpc.js';
import {
  type SettledNotice,
  type TransformData,
  type TransformService,
  transformMethods,
} from './transform-service.js';

/**
 * Starts the transform thread. It does nothing before `begin`, which opens its files and starts to work. `settled` hears
 * of every batch; `died` hears, once, when the thread ends without having been told to, and why where that is known.
 */
export function startTransform(
  data: TransformData,
  settled: (notice: SettledNotice) => void,
  died: (error: unknown) => void,
): TransformService {
  const worker = new Worker(new URL('./transform-thread.js', import.meta.url), { workerData: data });
  const service = callsOver<TransformService>(worker, transformMethods);
  let ending = false;
  worker.on('message', (message: SettledNotice | readonly unknown[]) => {
    if ('settled' in message) settled(message);
  });
  let cause: unknown;
  worker.on('error', (error) => {
    cause = error;
  });
  worker.on('exit', () => {
    if (!ending) died(cause);
  });
  return {
    ...service,
    async end() {
      ending = true;
      await service.end();
      await worker.terminate();
    },
  };
}
