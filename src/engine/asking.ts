import { type Held, Questions } from '../ask/questions.ts';
import type { Config } from '../config/schema.ts';
import { Judging } from '../judge/desk/judging.ts';
import type { JudgingParts } from '../judge/desk/parts.ts';
import type { FlowId, Host, RegistrableDomain } from '../model/brand.ts';
import type { Evidence, Verdict } from '../model/flow.ts';
import type { Subject } from '../model/subject.ts';

/** What asking needs beside what the judge needs. */
export interface AskingParts extends JudgingParts {
  readonly config: () => Config;
  /** Screens that are attached. */
  readonly screens: () => number;
}

/** Whom open connections are asked of: the judge first, then the person. */
export class Asking {
  readonly judging: Judging;
  readonly questions: Questions;
  /** The names of flows that the judge is asked about, for when they end. */
  readonly #judged = new Map<FlowId, Host>();

  constructor(private readonly parts: AskingParts) {
    this.judging = new Judging(parts.config(), {
      ...parts,
      changed: () => {
        this.questions.findingsChanged();
        parts.changed();
      },
    });
    this.questions = new Questions({
      holdMs: () => parts.config().policy.holdMs,
      domainOf: (host) => this.domainOf(host),
      findings: (host) => this.judging.findings(host, Date.now() as Subject['now']),
    });
  }

  /** What a verdict of the judge on a name is for, and a lasting answer on its domain; null where it has none. */
  domainOf(host: Host): RegistrableDomain | null {
    return this.parts.background.domainOf(host);
  }

  canAsk(verdict: Verdict, subject: Subject): boolean {
    return verdict.stage === 'judge' || (this.isAttended && this.questions.hasRoom(subject));
  }

  waits(flow: Held, subject: Subject, verdict: Verdict): readonly Evidence[] {
    if (verdict.stage !== 'judge') {
      this.questions.ask(flow, subject, verdict);
      return [];
    }
    if (this.parts.config().policy.mode === 'lockdown' || subject.host === null) return [];
    this.#judged.set(flow.id, subject.host);
    return this.judging.join(subject, flow);
  }

  /** A flow that waited for a person got no answer; why. */
  unanswered(): 'time_over' | 'nobody_to_ask' {
    if (!this.isAttended) return 'nobody_to_ask';
    this.questions.unanswered();
    return 'time_over';
  }

  /** A flow is over. */
  over(flow: Held): void {
    this.questions.gone(flow.id);
    const host = this.#judged.get(flow.id);
    if (host === undefined) return;
    this.#judged.delete(flow.id);
    this.judging.leave(host, flow);
  }

  /** Whether there is anybody who could be asked. */
  get isAttended(): boolean {
    return this.parts.config().policy.ask === 'person' && this.parts.screens() > 0;
  }
}
