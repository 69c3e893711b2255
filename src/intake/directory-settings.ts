import type { SourceSettings } from './listener-settings.js';

/** Everything one watched directory goes by, validated. */
export interface DirectorySettings extends SourceSettings {
  /** Absolute. */
  readonly path: string;
  /** Names of the files to take, with `*` and `?`. */
  readonly pattern: string;
  /** Milliseconds between two looks. */
  readonly poll: number;
  /** Milliseconds without a change after which a file is whole. */
  readonly settle: number;
  readonly order: 'name' | 'time';
  /** What becomes of a file all of whose messages were taken. */
  readonly processed: 'keep' | 'delete';
}
