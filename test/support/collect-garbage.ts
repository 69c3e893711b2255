/** Memory that nobody holds any more, given back before it is measured: when the collector comes by itself differs between versions of Node. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Collects twice with a turn of the event loop between, as the buffers of a first collection are given back by the second. */
export async function collectGarbage(): Promise<void> {
  collect();
  await new Promise((resolve) => setImmediate(resolve));
  collect();
}
