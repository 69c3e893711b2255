import type { JsonObject } from '../core/json.js';
import type { Sequence } from '../core/stamp.js';

/** What a process has to know of replays before it applies messages of a tenant. */
export interface ReplayNotice {
  /** Grows with every replay that begins, of whatever tenant. */
  readonly epoch: number;
  /** The replay that may touch the tenant, and the run of its process; undefined while there is none. */
  readonly replay: { readonly id: string; readonly run: number } | undefined;
  /** Generation of the registry that the last replay works by: who knows an older one reads it again first. */
  readonly generation: number;
}

/** A message that a process is about to apply. */
export interface ToldMessage extends Pick<Sequence, 'run' | 'number'> {
  /** What it is found by, see `SettleOutcome.keys`. */
  readonly keys: readonly string[];
}

export interface BeginningReplay {
  readonly id: string;
  readonly run: number;
  /** `null`: it may touch any. */
  readonly tenant: string | null;
  readonly generation: number;
}

/** How far a replay is, as its process tells it: the job, opaque to stores, and its differences, sealed. */
export interface ReplayProgress {
  readonly job: JsonObject;
  readonly differences: Uint8Array;
}

export interface KeptReplay extends ReplayProgress {
  /** False when it has ended, or its process has. */
  readonly alive: boolean;
}

/**
 * Where processes that share a store tell each other of replays. One replay runs at a time. Who applies messages beside it tells them before
 * the first read, so that whatever is read after a write of the replay is either told before that write or sees it.
 */
export interface ReplayBoardPort {
  /** Takes the place; gives the id of the replay that has it instead. One whose process has not said for a while that it goes on has lost it. */
  begin(replay: BeginningReplay, progress: ReplayProgress): Promise<string | undefined>;
  /** Says that it goes on. `stop`: somebody asked for that. `lost`: another has the place, and nothing more may be written. */
  goOn(id: string, progress: ReplayProgress): Promise<'go' | 'stop' | 'lost'>;
  end(id: string, progress: ReplayProgress): Promise<void>;
  /** Asks a replay to end early. */
  stop(id: string): Promise<void>;
  /** Newest first, without differences. */
  list(limit: number): Promise<readonly Omit<KeptReplay, 'differences'>[]>;
  get(id: string): Promise<KeptReplay | undefined>;
  look(tenant: string): Promise<ReplayNotice>;
  tell(replay: string, messages: readonly ToldMessage[]): Promise<void>;
  /**
   * What was told since the last call. `generation`: of the registry that the replay works by now.
   * @throws Fault `conflict` when another replay has the place
   */
  told(replay: string, generation: number): Promise<readonly ToldMessage[]>;
}
