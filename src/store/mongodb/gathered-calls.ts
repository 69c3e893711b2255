/**
 * Gathers what is asked for while the same is under way, so that under load many calls are one command, and alone a call waits for
 * nobody. What a call is given was always read after it asked.
 */

/** Groups under way at a time, and how much one group may ask for. */
export interface Gathering<T> {
  readonly underWay: number;
  readonly most: number;
  sizeOf(call: T): number;
}

interface Waiting<T, R> {
  readonly call: T;
  resolve(answer: R): void;
  reject(error: unknown): void;
}

export class GatheredCalls<T, R> {
  readonly #run: (calls: readonly T[]) => Promise<R>;
  readonly #gathering: Gathering<T>;
  #waiting: Waiting<T, R>[] = [];
  #scheduled = false;
  #underWay = 0;

  /** `run` answers a group: each of its calls is given the answer, or the error. */
  constructor(run: (calls: readonly T[]) => Promise<R>, gathering: Gathering<T>) {
    this.#run = run;
    this.#gathering = gathering;
  }

  call(call: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ call, resolve, reject });
      if (this.#scheduled) return;
      this.#scheduled = true;
      // what comes in one turn of the event loop is one group
      setImmediate(() => {
        this.#scheduled = false;
        this.#start();
      });
    });
  }

  #start(): void {
    while (this.#waiting.length > 0 && this.#underWay < this.#gathering.underWay) {
      this.#underWay++;
      void this.#answer(this.#next());
    }
  }

  /** As many as fit in one group, at least one. */
  #next(): Waiting<T, R>[] {
    const { most, sizeOf } = this.#gathering;
    let [count, size] = [0, 0];
    for (const { call } of this.#waiting) {
      size += sizeOf(call);
      if (count > 0 && size > most) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  /** Never rejects: each call is told what became of it. */
  async #answer(group: readonly Waiting<T, R>[]): Promise<void> {
    try {
      const answer = await this.#run(group.map(({ call }) => call));
      for (const { resolve } of group) resolve(answer);
    } catch (error) {
      for (const { reject } of group) reject(error);
    } finally {
      this.#underWay--;
      this.#start();
    }
  }
}
