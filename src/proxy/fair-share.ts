import type { FlowId, Uid } from '../model/brand.ts';

/** Up to this share of the limit everybody may open what they like. */
const FREE_SHARE = 0.75;

/** Sees to it that one user cannot take all connections: the last quarter of the limit is for the others. */
export class FairShare {
  readonly #owners = new Map<FlowId, Uid | null>();
  readonly #held = new Map<Uid | null, number>();

  /** A flow of a user counts from now on; a second time changes nothing. */
  taken(flow: FlowId, uid: Uid | null): void {
    if (this.#owners.has(flow)) return;
    this.#owners.set(flow, uid);
    this.#held.set(uid, (this.#held.get(uid) ?? 0) + 1);
  }

  given(flow: FlowId): void {
    const uid = this.#owners.get(flow);
    if (uid === undefined) return;
    this.#owners.delete(flow);
    const left = (this.#held.get(uid) ?? 1) - 1;
    if (left > 0) this.#held.set(uid, left);
    else this.#held.delete(uid);
  }

  /** True when few places are left and this user holds more than half of those taken. Unknown users count as one. */
  exhausted(uid: Uid | null, open: number, limit: number): boolean {
    return open > limit * FREE_SHARE && (this.#held.get(uid) ?? 0) > open / 2;
  }
}
