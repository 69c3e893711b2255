import { Fault, fault } from '../core/errors.js';
import { keepThread, type ThreadEvents } from '../core/kept-thread.js';
import { Suspects } from './suspects.js';
import {
  type SettledNotice,
  type TransformData,
  type TransformService,
  type TransformThreadData,
  transformMethods,
  youngMemory,
} from './transform-service.js';
import { readUnderWay, underWayMemory } from './under-way.js';

/**
 * Starts the transform thread. It checks mapping files, and works on messages from `begin` on. `settled` hears
 * of every batch. When the thread ends by itself a fresh one takes over: what was under way is unsettled in the archive,
 * so that it is found and done again, and what kills thread after thread is parked.
 */
export function startTransform(
  data: TransformData,
  settled: (notice: SettledNotice) => void,
  events: ThreadEvents,
): TransformService {
  const suspects = new Suspects();
  let { profiles } = data;
  let underWay = underWayMemory();
  let allow = (_work: boolean): void => {};
  const allowed = new Promise<boolean>((resolve) => {
    allow = resolve;
  });
  let meet = (_thread: Pick<TransformService, 'check'>): void => {};
  const first = new Promise<Pick<TransformService, 'check'>>((resolve) => {
    meet = resolve;
  });
  const kept = keepThread<TransformService>({
    entry: new URL('./transform-thread.js', import.meta.url),
    methods: transformMethods,
    youngMemory,
    workerData: (): TransformThreadData => {
      underWay = underWayMemory();
      return { ...data, profiles, underWay, suspicion: suspects.suspicion() };
    },
    async begin(fresh) {
      meet(fresh);
      if (!(await allowed)) throw fault('store-unavailable', 'it was ended before it was to begin');
      await fresh.begin();
    },
    end: (now) => now.end(),
    events: {
      lost(error, times) {
        suspects.died(readUnderWay(underWay));
        underWay = underWayMemory();
        events.lost(error, times);
      },
      back: () => events.back(),
    },
    posted(message) {
      const notice = message as SettledNotice;
      suspects.settled(notice.settled.map(({ sequence }) => sequence));
      settled(notice);
    },
  });
  return {
    ...kept.calls,
    async check(...files) {
      try {
        return await (await first).check(...files);
      } catch (error) {
        // a thread that ended says by its begin why
        if (error instanceof Fault && error.code === 'store-unavailable') await this.begin();
        throw error;
      }
    },
    useProfiles(changed) {
      profiles = changed;
      return kept.calls.useProfiles(changed);
    },
    begin() {
      allow(true);
      return kept.start();
    },
    end() {
      allow(false);
      return kept.close();
    },
  };
}
