/** What has been started and must be ended, in reverse order, whatever happens in between. */
export class Teardown {
  readonly #steps: { name: string; end: () => Promise<void> | void }[] = [];
  #ended: Promise<void> | undefined;

  /** Remembers how to end something that has just been started. */
  defer(name: string, end: () => Promise<void> | void): void {
    this.#steps.push({ name, end });
  }

  /**
   * Ends everything, last started first. Every step is tried, also when an earlier one fails; a second call waits for
   * the first.
   *
   * @throws AggregateError with every failure
   */
  run(): Promise<void> {
    this.#ended ??= this.#runAll();
    return this.#ended;
  }

  async #runAll(): Promise<void> {
    const failures: Error[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step.end();
      } catch (error) {
        failures.push(new Error(`${step.name} did not end cleanly`, { cause: error }));
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, failures.map((failure) => failure.message).join('; '));
  }
}
