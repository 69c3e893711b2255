/** What matters of a system call log (`strace -f -yy`), in the order in which the kernel did it. */
export type TracedCall =
  | { readonly kind: 'read' | 'write'; readonly data: string }
  | { readonly kind: 'sync-begun' | 'sync-done'; readonly file: string; readonly call: number };

/** Reads the log. A read counts when it returns, a write when it begins, a sync as two events that share their number. */
export function tracedCalls(log: string): TracedCall[] {
  const found: TracedCall[] = [];
  const open = new Map<string, { readonly call: number; readonly file: string }>();
  let calls = 0;
  for (const line of log.split('\n')) {
    const match = /^(\d+)\s+(<\.\.\. )?(\w+)(?:\(| resumed>)(.*)$/.exec(line);
    if (match === null) continue;
    const [, thread = '', resumed, name = '', rest = ''] = match;
    const finished = !rest.includes('<unfinished ...>');
    if (/^(read|recv)/.test(name)) {
      if (finished) found.push({ kind: 'read', data: rest });
    } else if (/^(write|send)/.test(name)) {
      if (resumed === undefined) found.push({ kind: 'write', data: rest });
    } else if (name === 'fsync' || name === 'fdatasync') {
      const file = /^\d+<([^>]*)>/.exec(rest)?.[1] ?? '';
      const sync = resumed === undefined ? { call: ++calls, file } : open.get(thread);
      if (sync === undefined) continue;
      if (resumed === undefined) found.push({ kind: 'sync-begun', ...sync });
      if (!finished) open.set(thread, sync);
      else if (/= 0$/.test(rest)) found.push({ kind: 'sync-done', ...sync });
    }
  }
  return found;
}

/**
 * The control ids whose positive acknowledgement left without a sync of a file in `folder` that began after the frame's last
 * byte was read and was done before; also those never read or never acknowledged. `lastOf` and `answerOf` give the text that
 * marks the end of a frame and its acknowledgement, as the log writes it.
 */
export function acknowledgedTooEarly(
  calls: readonly TracedCall[],
  ids: readonly string[],
  folder: string,
  lastOf: (id: string) => string,
  answerOf: (id: string) => string,
): string[] {
  return ids.filter((id) => {
    const read = calls.findIndex((call) => call.kind === 'read' && call.data.includes(lastOf(id)));
    const written = calls.findIndex((call) => call.kind === 'write' && call.data.includes(answerOf(id)));
    if (read === -1 || written === -1) return true;
    const between = calls.slice(read, written);
    const begun = new Set<number>();
    for (const call of between) {
      if (call.kind === 'sync-begun' && call.file.startsWith(folder)) begun.add(call.call);
      if (call.kind === 'sync-done' && begun.has(call.call)) return false;
    }
    return true;
  });
}
