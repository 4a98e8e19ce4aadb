import type { Attributor } from '../attribute/attributor.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { Verdict } from '../model/flow.ts';
import { mayBeFoundLater } from '../model/unknown-origin.ts';
import type { Decision } from './decision.ts';

/** How long a flow waits for a second look at whose it is. */
const SECOND_LOOK_MS = 50;

/** Looks once more whose a client's socket is, where only that it is not known blocks the flow. */
export class SecondLook {
  #taken = false;

  constructor(
    private readonly attributor: Attributor,
    private readonly peer: Endpoint,
    private readonly dst: Endpoint,
    private readonly decision: Decision,
  ) {}

  /** Settles when the decision knows what was found; null when that was done already, or would find nothing. Never rejects. */
  take({ reason }: Verdict): Promise<void> | null {
    const { origin } = this.decision;
    if (reason !== 'unknown_origin' || this.#taken || origin === null || !mayBeFoundLater(origin))
      return null;
    this.#taken = true;
    const deadlineMs = performance.now() + SECOND_LOOK_MS;
    const found = this.attributor.lookup(this.peer, this.dst, deadlineMs);
    return Promise.resolve(found).then((again) => {
      if (again.path !== null) this.decision.origin = again;
    });
  }
}
