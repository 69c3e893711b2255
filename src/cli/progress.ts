/** How far a run of messages has come. */
export interface ProgressState {
  /** Acknowledged positively. */
  readonly accepted: number;
  readonly refused: number;
  /** Without an answer, because they ask for none. */
  readonly unanswered?: number;
  /** Sent again after a lost acknowledgement. */
  readonly resent?: number;
  /** All that will be; undefined where nobody knows. */
  readonly total?: number;
  /** What `accepted` counts where nobody acknowledges: `written`, `messages copied`. */
  readonly done?: string;
}

/** One line of progress. `seconds` since the start. */
export function progressLine(state: ProgressState, seconds: number): string {
  const { accepted, refused, unanswered = 0, resent = 0, total } = state;
  const done = accepted + refused + unanswered;
  const rate = seconds > 0 ? done / seconds : 0;
  const parts = [
    total === undefined
      ? `${done}`
      : `${done}/${total} ${total === 0 ? 100 : Math.min(100, Math.floor((done / total) * 100))} %`,
    `${rate >= 10 ? Math.round(rate) : rate.toFixed(1)}/s`,
    ...(state.done === undefined ? [`${accepted} acknowledged`, `${refused} refused`] : [state.done]),
  ];
  if (resent > 0) parts.push(`${resent} sent again`);
  if (total !== undefined && rate > 0 && done < total) parts.push(`${timeLeft((total - done) / rate)} left`);
  return parts.join('  ');
}

/** `45 s`, `3 min 20 s`, `2 h 5 min`. */
export function timeLeft(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** Where progress is shown: a line that renews itself on a terminal, a line every few seconds elsewhere. */
export interface Progress {
  /** Takes the line off the terminal, so that something else can be printed. */
  clear(): void;
  stop(): void;
}

interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Shows on `output` (stderr by default) what `state` gives, until it is stopped. */
export function showProgress(state: () => ProgressState, output: ProgressOutput = process.stderr): Progress {
  const start = performance.now();
  const isTerminal = output.isTTY === true;
  const line = (): string => progressLine(state(), (performance.now() - start) / 1000);
  const draw = (): void => {
    if (isTerminal) output.write(`\r${line().slice(0, (output.columns ?? 80) - 1)}\x1b[K`);
    else output.write(`${line()}\n`);
  };
  const timer = setInterval(draw, isTerminal ? 200 : 5000);
  const clear = (): void => {
    if (isTerminal) output.write('\r\x1b[K');
  };
  return {
    clear,
    stop: () => {
      clearInterval(timer);
      clear();
    },
  };
}
