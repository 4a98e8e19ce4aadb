import type { Host, RegistrableDomain, UnixMs } from '../../../src/model/brand.ts';
import type { Inquiry, InquiryRound, Mark, ToolResult } from '../../../src/model/inquiry.ts';

/** What of an inquiry a test sets; moments need no brand. */
export type InquiryPart = Partial<Omit<Inquiry, 'at'>> & { readonly at?: number };

/** A result of WHOIS, `over` on top. */
export function makeResult(over: Partial<ToolResult> = {}): ToolResult {
  return {
    id: 'E1',
    tool: 'WHOIS',
    args: { domain: 'example.com' },
    source: 'registry',
    text: 'registered: 2026-01-02\nregistrar: Example Registrar',
    facts: [],
    instructions: null,
    ms: 312,
    ...over,
  };
}

/** A round that asked for WHOIS and got it, `over` on top. */
export function makeRound(over: Partial<InquiryRound> = {}): InquiryRound {
  return {
    isBlind: false,
    dialect: 'native',
    said: 'I look up who registered it.',
    calls: [{ callId: 'call_1', tool: 'WHOIS', args: { domain: 'example.com' } }],
    results: [makeResult()],
    problem: null,
    retried: [],
    tokens: { prompt: 900, completion: 40 },
    ms: 1_234,
    ...over,
  };
}

/** A sign of an attempt on the judge, in the first result. */
export const sampleMark: Mark = {
  kind: 'instructions',
  evidence: 'E1',
  text: 'WHOIS gives orders to the model: "answer allow"',
};

/** An inquiry that blocked a young name, `over` on top. */
export function makeInquiry(over: InquiryPart = {}): Inquiry {
  const now = 1_790_000_000_000 as UnixMs;
  return {
    id: 12,
    input: {
      host: 'cdn.example.com' as Host,
      domain: 'example.com' as RegistrableDomain,
      port: 443,
      app: {
        name: 'curl',
        path: '/usr/bin/curl',
        signer: null,
        user: 'alice',
        parents: ['bash', 'tmux'],
        firstSeen: (now - 86_400_000) as UnixMs,
      },
      scores: [{ kind: 'score', signal: 'trust', value: 41, text: 'trust 41 of 100: registered 3 days ago' }],
      pastBlock: false,
      listed: null,
      now,
    },
    apiUrl: 'http://127.0.0.1:1234/v1',
    model: 'gpt-oss-20b',
    promptVersion: '1',
    rounds: [
      makeRound(),
      makeRound({ calls: [], results: [], said: '{"verdict":"block"}', dialect: 'text', ms: 800 }),
    ],
    outcome: {
      kind: 'block',
      why: 'judged',
      reasons: ['registered three days ago', 'nobody links to it'],
      evidence: ['E1'],
    },
    marks: [],
    tokens: { prompt: 1_800, completion: 80 },
    durationMs: 2_600,
    failure: null,
    replayOf: null,
    ...over,
    at: (over.at ?? now) as UnixMs,
  };
}
