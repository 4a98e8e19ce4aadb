import type { InquiryReport } from '../../../src/schema/judge.ts';
import type { Prompt } from '../../../src/schema/prompt.ts';
import { START_MS } from '../feed/make-flow.ts';
import { makeInquiry } from '../transcript/sample-transcript.ts';

/** How a program that asks is told. */
type App = Prompt['apps'][number];

/** Curl of alice, started by bash. */
export function asking(part: Partial<App> = {}): App {
  return { name: 'curl', path: '/usr/bin/curl', user: 'alice', parent: 'bash', ...part };
}

/** A question: curl wants new-name.example, since 4 s, for 11 s more, on the clock of `openScreen`. */
export function makeQuestion(id: number, part: Partial<Prompt> = {}): Prompt {
  const now = START_MS + 70_000;
  return {
    id,
    host: 'new-name.example',
    domain: 'new-name.example',
    ip: '203.0.113.7',
    ports: [443],
    apps: [asking()],
    flows: [id * 100],
    waiting: 1,
    since: now - 4_000,
    deadline: now + 11_000,
    reason: 'trust 51 of 100 is below 65',
    inquiry: null,
    findings: [],
    ...part,
  };
}

/** An inquiry as the engine tells it; `block` unless told otherwise. */
export function inquiryReport(id: number, part: Partial<InquiryReport> = {}): InquiryReport {
  const inquiry = makeInquiry({ id, at: START_MS });
  return { ...(JSON.parse(JSON.stringify(inquiry)) as InquiryReport), ...part };
}
