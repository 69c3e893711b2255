/**
 * Spreads calls over several workers that do the same, started as they are needed. A call that takes long keeps only the few
 * waiting that were handed to its worker before that showed; all others wait here, for whichever worker is free first.
 */

/** One worker. */
export interface Lane<T> {
  readonly calls: T;
  /** False while the worker is being started anew: calls go to others that work. */
  works(): boolean;
}

export interface LanesOptions<T> {
  readonly methods: readonly (keyof T & string)[];
  readonly first: Lane<T>;
  /** Starts one more. Where that fails there are never more than there were. */
  more(): Promise<Lane<T>>;
  /** With the first. */
  readonly most: number;
  /** Milliseconds by a monotonic clock. */
  now(): number;
}

/** Calls that are handed to a worker at a time: they travel together, and the next is there when one is done. */
const handedAtOnce = 4;
/** Milliseconds after which a call is held to take long. */
const patience = 50;

interface Waiting {
  readonly method: string;
  readonly args: readonly unknown[];
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

interface Handed<T> {
  readonly lane: Lane<T>;
  /** When each call that it has in hand can have begun, oldest first. */
  readonly since: Map<Waiting, number>;
}

type Calls = Record<string, (...args: readonly unknown[]) => Promise<unknown>>;

/** Methods of these names, each call carried out by one of the workers. */
export function spreadCalls<T extends object>(options: LanesOptions<T>): T {
  const lanes = new Lanes(options);
  const calls: Calls = {};
  for (const method of options.methods) {
    calls[method] = (...args) => new Promise((resolve, reject) => lanes.add({ method, args, resolve, reject }));
  }
  return calls as T;
}

class Lanes<T extends object> {
  readonly #options: LanesOptions<T>;
  readonly #lanes: Handed<T>[];
  readonly #waiting: Waiting[] = [];
  #most: number;
  #starting = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LanesOptions<T>) {
    this.#options = options;
    this.#lanes = [{ lane: options.first, since: new Map() }];
    this.#most = options.most;
  }

  add(call: Waiting): void {
    this.#waiting.push(call);
    this.#handOut();
  }

  #handOut(): void {
    for (let call = this.#waiting[0]; call !== undefined; call = this.#waiting[0]) {
      const free = this.#free();
      if (free === undefined) {
        if (this.#lanes.some(({ since }) => this.#takesLong(since))) this.#grow();
        else this.#timer ??= setTimeout(() => this.#lookAgain(), patience).unref();
        return;
      }
      this.#waiting.shift();
      this.#hand(free, call);
    }
  }

  /** What waits now may do so behind a call that takes long. */
  #lookAgain(): void {
    this.#timer = undefined;
    this.#handOut();
  }

  /** The first that works and is not busy, so that calls of one turn travel together; with none that works, the first. */
  #free(): Handed<T> | undefined {
    const working = this.#lanes.filter(({ lane }) => lane.works());
    if (working.length === 0) return this.#lanes[0];
    return working.find(({ since }) => since.size < handedAtOnce && !this.#takesLong(since));
  }

  #takesLong(since: ReadonlyMap<Waiting, number>): boolean {
    const [oldest] = since.values();
    return oldest !== undefined && this.#options.now() - oldest >= patience;
  }

  #hand({ lane, since }: Handed<T>, call: Waiting): void {
    since.set(call, this.#options.now());
    const done = (): void => {
      since.delete(call);
      // what is handed over next has only now begun to be worked on
      for (const next of since.keys()) since.set(next, this.#options.now());
      this.#handOut();
    };
    const answer = (lane.calls as Calls)[call.method]?.(...call.args) ?? Promise.reject(new TypeError(call.method));
    answer.then(call.resolve, call.reject).then(done);
  }

  #grow(): void {
    if (this.#starting || this.#lanes.length >= this.#most) return;
    this.#starting = true;
    this.#options.more().then(
      (lane) => {
        this.#starting = false;
        this.#lanes.push({ lane, since: new Map() });
        this.#handOut();
      },
      () => {
        this.#most = this.#lanes.length;
      },
    );
  }
}
