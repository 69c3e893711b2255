import { once } from 'node:events';
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fault } from '../../core/errors.js';
import type { SimulatedFrame } from './simulation.js';

/**
 * Writes frames to files of so many each, `simulated-000001.hl7` and on, one after another: messages as they go over the wire,
 * without MLLP's frame bytes. Half a message ends with CR, so that the next begins a line.
 * @throws Fault `usage` when the folder cannot be written.
 */
export async function writeFiles(
  frames: Iterable<SimulatedFrame>,
  folder: string,
  perFile: number,
  sent: (frame: SimulatedFrame) => void,
): Promise<number> {
  try {
    mkdirSync(folder, { recursive: true });
  } catch {
    throw fault('usage', `${folder} cannot be made`);
  }
  let stream: WriteStream | undefined;
  let files = 0;
  let inFile = 0;
  for (const frame of frames) {
    if (stream === undefined || inFile === perFile) {
      await close(stream);
      files += 1;
      inFile = 0;
      stream = createWriteStream(join(folder, `simulated-${String(files).padStart(6, '0')}.hl7`));
      await once(stream, 'open').catch(() => {
        throw fault('usage', `${folder} cannot be written`);
      });
    }
    const bytes = frame.bytes.at(-1) === 0x0d ? frame.bytes : Buffer.concat([frame.bytes, Buffer.from('\r')]);
    if (!stream.write(bytes)) await once(stream, 'drain');
    inFile += 1;
    sent(frame);
  }
  await close(stream);
  return files;
}

async function close(stream: WriteStream | undefined): Promise<void> {
  if (stream === undefined) return;
  stream.end();
  await finished(stream);
}
