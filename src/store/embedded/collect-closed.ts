/**
 * The driver gives a closed file back to the system only when the file's statements are garbage-collected, and has no way to
 * let go of one before. Where files are closed by the hundred, that must not be left to chance: descriptors would run out.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const mostUncollected = 50;
let uncollected = 0;
let collect: (() => void) | undefined;

/** To be called after a file was closed; now and then collects garbage, so that at most some fifty stay open unseen. */
export function noteClosed(): void {
  if (++uncollected < mostUncollected) return;
  uncollected = 0;
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
}
