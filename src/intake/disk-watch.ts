import type { Log } from '../core/log.js';
import type { ArchivePort } from '../store/archive-port.js';

interface DiskWatchParts {
  readonly archive: Pick<ArchivePort, 'freeBytes'>;
  readonly log: Log;
  /** Below so many free bytes nothing is taken. */
  readonly minFreeDisk: number;
  /** Milliseconds between two looks. */
  readonly interval: number;
}

/** Looks at the free space where the archive lies, and says so when it goes below the limit or comes back. */
export class DiskWatch {
  readonly #parts: DiskWatchParts;
  #enough = true;
  /** It was said that nobody knows. */
  #said = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: DiskWatchParts) {
    this.#parts = parts;
  }

  /** False while too little is free. Where nobody knows how much that is, true. */
  get enough(): boolean {
    return this.#enough;
  }

  /** Takes the first look and goes on looking until `stop`. */
  async start(): Promise<void> {
    await this.look();
    this.#timer = setInterval(() => void this.look(), this.#parts.interval);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** One look. A look that fails changes nothing: the next write will tell. */
  async look(): Promise<void> {
    const { archive, log, minFreeDisk } = this.#parts;
    let free: number | undefined;
    try {
      free = await archive.freeBytes();
    } catch {
      return;
    }
    if (free === undefined) {
      if (!this.#said)
        log.warn('the store does not tell how much disk is free: minFreeDisk is not kept, watch its disks elsewhere');
      this.#said = true;
      return;
    }
    const enough = free >= minFreeDisk;
    if (enough === this.#enough) return;
    this.#enough = enough;
    if (enough) log.info('enough disk is free again, messages are taken', { bytes: free });
    else log.error('too little disk is free, no message is taken', { bytes: free });
  }
}
