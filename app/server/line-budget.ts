/**
 * Lets so many log lines of one kind pass in a second, and counts the rest: what strangers cause must not
 * fill the disk, nor hide what else there is to read.
 */
export class LineBudget {
  #second = -1;
  #passed = 0;
  #leftOut = 0;

  constructor(private readonly linesPerSecond: number) {}

  /** @returns whether a line may pass, and with it how many were left out before */
  take(): { readonly leftOut: number } | undefined {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#passed = 0;
    }
    if (this.#passed >= this.linesPerSecond) {
      this.#leftOut++;
      return undefined;
    }
    this.#passed++;
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    return { leftOut };
  }
}
