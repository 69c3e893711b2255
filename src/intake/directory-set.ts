import { isDeepStrictEqual } from 'node:util';
import { type DirectoryParts, DirectorySource, type WatchedDirectory } from './directory.js';
import type { DirectorySettings } from './directory-settings.js';

interface Running {
  readonly settings: DirectorySettings;
  readonly source: DirectorySource;
}

/** The watched directories of a process, which may change while it runs. */
export class DirectorySet {
  readonly #parts: DirectoryParts;
  #running: readonly Running[] = [];

  constructor(parts: DirectoryParts) {
    this.#parts = parts;
  }

  /** In the order of their settings. */
  list(): WatchedDirectory[] {
    return this.#running.map(({ source }) => source.state);
  }

  /** Makes these the watched directories: those whose settings are the same go on, others are stopped or started. */
  async change(all: readonly DirectorySettings[]): Promise<void> {
    const before = this.#running;
    const same = (settings: DirectorySettings) => before.find((one) => isDeepStrictEqual(one.settings, settings));
    const kept = all.flatMap((settings) => same(settings) ?? []);
    await Promise.all(before.filter((one) => !kept.includes(one)).map(({ source }) => source.stop()));
    this.#running = all.map((settings) => same(settings) ?? this.#start(settings));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.map(({ source }) => source.stop()));
  }

  #start(settings: DirectorySettings): Running {
    const source = new DirectorySource(settings, this.#parts);
    source.start();
    return { settings, source };
  }
}
