/** Runs tasks one after the other, in the order in which they were added. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve();

  /** Resolves once all tasks so far are done, or have failed. */
  get done(): Promise<void> {
    return this.#last.then(() => {});
  }

  /** @returns what the task returns; a task that fails does not hold up the next one */
  run<Result>(task: () => Result | Promise<Result>): Promise<Result> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => {});
    return result;
  }
}
