/** What is to be ended, in order. All steps are taken, whatever one of them throws. */
export class Ends {
  readonly #steps: (() => unknown)[] = [];

  /** After what was named before, as tests do it. */
  after(step: () => unknown): void {
    this.#steps.push(step);
  }

  before(step: () => unknown): void {
    this.#steps.unshift(step);
  }

  /** @throws the first error, when all is done */
  async run(): Promise<void> {
    const errors: unknown[] = [];
    for (const step of this.#steps.splice(0)) {
      try {
        await step();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
