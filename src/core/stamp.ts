/**
 * What decides which of two values of one element is shown: authority before event time before archive sequence
 * before mapping version. A total order, so that every order of applying ends the same.
 */
export interface Stamp {
  /** Rank of the sender for this kind of data; higher wins over any time. */
  readonly authority: number;
  /** Event time, epoch milliseconds (whole days for documents shared by all partitions). */
  readonly time: number;
  readonly sequence: Sequence;
  readonly mappingVersion: number;
}

/** An archive row's place: arrival (epoch ms, never going back within a run), process run, number within the run. */
export interface Sequence {
  readonly arrival: number;
  readonly run: number;
  readonly number: number;
}

/** Negative when `a` loses against `b`, positive when it wins, 0 when both are the same stamp. */
export function compareStamps(a: Stamp, b: Stamp): number {
  return (
    a.authority - b.authority ||
    a.time - b.time ||
    compareSequences(a.sequence, b.sequence) ||
    a.mappingVersion - b.mappingVersion
  );
}

export function compareSequences(a: Sequence, b: Sequence): number {
  return a.arrival - b.arrival || a.run - b.run || a.number - b.number;
}

/** `run-number`, the name of an archive row in URLs, `meta.source` and on the command line. */
export function sequenceName(sequence: Pick<Sequence, 'run' | 'number'>): string {
  return `${sequence.run}-${sequence.number}`;
}
