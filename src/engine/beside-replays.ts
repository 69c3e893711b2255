/** What a live batch does where replays may run in other processes: it tells them what it applies. */
import type { ReplayBoardPort, ToldMessage } from '../store/replay-board-port.js';

/** What a batch knows when it begins to apply. */
export interface BesideReplay {
  /** The registry has to be known as of this generation. */
  readonly generation: number;
  /** To be called with all messages before the first document is read. */
  announce(messages: readonly ToldMessage[]): Promise<void>;
}

const alone: BesideReplay = { generation: 0, announce: async () => {} };

/**
 * Runs `work`, which applies and settles a batch. A replay that began meanwhile may have looked for messages before these were settled and written
 * documents after these were read: then the work is done again, which changes nothing where it was not so. `run`: of this process, whose own replays
 * hear of its batches by turns.
 */
export async function besideReplays<T>(
  { board, run }: { readonly board: Pick<ReplayBoardPort, 'look' | 'tell'> | undefined; readonly run: number },
  tenant: string,
  work: (beside: BesideReplay) => Promise<T>,
): Promise<T> {
  if (board === undefined) return work(alone);
  for (let notice = await board.look(tenant); ; ) {
    const { epoch, generation, replay } = notice;
    const done = await work({
      generation,
      async announce(messages) {
        if (replay !== undefined && replay.run !== run && messages.length > 0) await board.tell(replay.id, messages);
      },
    });
    notice = await board.look(tenant);
    if (notice.epoch === epoch) return done;
  }
}
