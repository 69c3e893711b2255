import { availableParallelism } from 'node:os';
import { type Lane, spreadCalls } from '../../core/call-lanes.js';
import { keepThread, type ThreadEvents } from '../../core/kept-thread.js';
import type { ResourceReader } from '../resource-port.js';

/** What the thread serves. */
export interface ReadThread extends ResourceReader {
  ready(): Promise<void>;
}

type Reads = Omit<ResourceReader, 'close'>;

interface ReadLane extends Lane<Reads> {
  close(): Promise<void>;
}

/** One for each processor, within these bounds: a second one also where there is one processor, as reading waits for disks. */
const [fewest, most] = [2, 4];

/**
 * Starts a thread that reads the tenants' files under `folder`, and resolves when it answers. Further ones are started when a
 * search keeps others waiting. When a thread ends by itself, its calls reject with `store-unavailable`, and so do all while
 * none works.
 */
export async function startReadThread(folder: string, events?: ThreadEvents): Promise<ResourceReader> {
  const started: Promise<ReadLane>[] = [];
  const more = (): Promise<ReadLane> => {
    const lane = startLane(folder, events);
    started.push(lane);
    return lane;
  };
  const calls = spreadCalls<Reads>({
    methods: ['read', 'search', 'version', 'history'],
    first: await more(),
    more,
    most: Math.min(most, Math.max(fewest, availableParallelism())),
    now: () => performance.now(),
  });
  return {
    ...calls,
    async close() {
      const lanes = await Promise.allSettled(started);
      await Promise.all(lanes.map((lane) => (lane.status === 'fulfilled' ? lane.value.close() : undefined)));
    },
  };
}

async function startLane(folder: string, events: ThreadEvents | undefined): Promise<ReadLane> {
  let working = true;
  const { calls, start, close } = keepThread<ReadThread>({
    entry: new URL('./read-thread.js', import.meta.url),
    methods: ['ready', 'read', 'search', 'version', 'history', 'close'],
    workerData: () => ({ folder }),
    begin: (fresh) => fresh.ready(),
    end: (now) => now.close(),
    events: {
      lost(error, times) {
        working = false;
        events?.lost(error, times);
      },
      back() {
        working = true;
        events?.back();
      },
    },
  });
  await start();
  return { calls, works: () => working, close };
}
