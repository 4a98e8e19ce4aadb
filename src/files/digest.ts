/** A digest that tells contents apart, not one that withstands an attacker; 16 hexadecimal characters. */
export const digestOf = (content: Uint8Array | string): string =>
  Bun.hash.xxHash3(content).toString(16).padStart(16, '0');

/** Digests of things that are told apart whatever their order; adding one twice takes it away again. */
export class SetDigest {
  #sum = 0n;

  toggle(content: string): void {
    this.#sum ^= Bun.hash.xxHash3(content);
  }

  toString(): string {
    return this.#sum.toString(16).padStart(16, '0');
  }
}
