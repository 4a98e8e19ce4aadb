import { type HeldFlow, Questions } from '../ask/questions.ts';
import type { Config } from '../config/schema.ts';
import { Judging } from '../judge/desk/judging.ts';
import type { Judged } from '../judge/desk/kept-verdicts.ts';
import type { JudgingParts } from '../judge/desk/ports.ts';
import type { FlowId, UnixMs } from '../model/brand.ts';
import type { Evidence, Verdict } from '../model/flow.ts';
import type { Subject } from '../model/subject.ts';
import type { Asking as AskingPort } from '../proxy/ports.ts';

/** What asking needs beside what the judge needs. */
export interface AskingParts extends JudgingParts {
  readonly config: () => Config;
  /** Screens that are attached. */
  readonly screens: () => number;
}

/** Asks the judge, then the person, about connections that nothing decided. */
export class Asking implements AskingPort {
  readonly judging: Judging;
  readonly questions: Questions;
  /** What the judge is asked about for flows, for when they end. */
  readonly #judged = new Map<FlowId, Judged>();

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
      findings: (domain, app, host) => this.judging.findings({ domain, app }, host, Date.now() as UnixMs),
    });
  }

  canAsk(verdict: Verdict, subject: Subject): boolean {
    return verdict.stage === 'judge' || (this.isAttended && this.questions.hasRoom(subject));
  }

  wait(flow: HeldFlow, subject: Subject, verdict: Verdict): readonly Evidence[] {
    if (verdict.stage !== 'judge') {
      this.questions.ask(flow, subject, verdict);
      return [];
    }
    if (this.parts.config().policy.mode === 'lockdown' || subject.domain === null) return [];
    this.#judged.set(flow.id, { domain: subject.domain, app: subject.origin.path });
    return this.judging.join(subject, flow);
  }

  /** A flow that waited for a person got no answer; why. */
  unanswered(): 'time_over' | 'nobody_to_ask' {
    if (!this.isAttended) return 'nobody_to_ask';
    this.questions.unanswered();
    return 'time_over';
  }

  /** A flow is over. */
  over(flow: HeldFlow): void {
    this.questions.gone(flow.id);
    const judged = this.#judged.get(flow.id);
    if (judged === undefined) return;
    this.#judged.delete(flow.id);
    this.judging.leave(judged, flow);
  }

  /** Whether there is anybody who could be asked. */
  get isAttended(): boolean {
    return this.parts.config().policy.ask === 'person' && this.parts.screens() > 0;
  }
}
