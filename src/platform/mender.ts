/** How soon one mend may follow another: who flushes in a loop must not keep us busy with it. */
const SPACING_MS = 100;
const RETRY_MS = 1_000;

/** Mends something when asked to: at once, one mend at a time, no two within `SPACING_MS`, and again in a second when one failed. */
export class Mender {
  #timer: ReturnType<typeof setTimeout> | null = null;
  #running = false;
  #again = false;
  #closed = false;
  #begunAtMs = Number.NEGATIVE_INFINITY;

  /** `mend` says whether it worked, and does not reject. */
  constructor(private readonly mend: () => Promise<boolean>) {}

  /** Asks for a mend that begins after this call. */
  request(): void {
    this.#soon(0);
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #soon(inMs: number): void {
    if (this.#closed || this.#timer !== null) return;
    if (this.#running) {
      this.#again = true;
      return;
    }
    const spaceMs = this.#begunAtMs + SPACING_MS - performance.now();
    this.#timer = setTimeout(() => void this.#run(), Math.max(0, inMs, spaceMs));
  }

  async #run(): Promise<void> {
    this.#timer = null;
    this.#running = true;
    this.#again = false;
    this.#begunAtMs = performance.now();
    const mended = await this.mend();
    this.#running = false;
    if (!mended) this.#soon(RETRY_MS);
    else if (this.#again) this.request();
  }
}
