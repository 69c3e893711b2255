import { type Progress, showProgress } from '../progress.js';
import type { JobJson } from './upgrade-texts.js';

/** Shows on stderr how an upgrade comes along; rate and time left are of what was done since this command looks. */
export function watchUpgrade(quiet: boolean): { told(job: JobJson): void } & Pick<Progress, 'stop'> {
  let before: number | undefined;
  let last: JobJson | undefined;
  let shown: Progress | undefined;
  const waits = (job: JobJson | undefined): string => (job?.state === 'waiting' ? job.waitsFor.join('; ') : '');
  return {
    told(job) {
      const news = waits(job) !== '' && waits(job) !== waits(last);
      last = job;
      if (quiet) return;
      if (news) {
        shown?.clear();
        process.stderr.write(`waits: ${waits(job)}\n`);
      }
      before ??= job.done;
      const begun = before;
      shown ??= showProgress(() => ({
        ...{ accepted: (last?.done ?? 0) - begun, refused: last?.refused ?? 0 },
        total: Math.max(0, (last?.documents ?? 0) - begun),
        done: last?.state === 'waiting' ? 'documents, waits' : 'documents',
      }));
    },
    stop: () => shown?.stop(),
  };
}
