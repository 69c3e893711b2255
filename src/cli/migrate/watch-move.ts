import type { MoveWatch } from '../../app/migrate.js';
import { type Progress, type ProgressState, showProgress } from '../progress.js';

/** Shows on stderr how a move comes along. */
export function watchMove(): MoveWatch & Pick<Progress, 'stop'> {
  let shown: Progress | undefined;
  let rows = 0;
  let at = '';
  const stop = (): void => {
    shown?.stop();
    shown = undefined;
  };
  return {
    begin(phase, total) {
      stop();
      rows = 0;
      at = '';
      process.stderr.write(total === undefined ? `${phase}\n` : `${phase} ${total} rows\n`);
      const state = (): ProgressState => ({ accepted: rows, refused: 0, total: total ?? 0, done: at });
      if (total !== undefined) shown = showProgress(state);
    },
    at(part) {
      at = part;
    },
    done(more) {
      rows += more;
    },
    stop,
  };
}
