import type { Host, RegistrableDomain, UnixMs } from '../../../src/model/brand.ts';
import type { Inquiry, JudgeInput } from '../../../src/model/inquiry.ts';

/** What an inquiry into a name begins with. */
export function sampleInput(domain: string, part: Partial<JudgeInput> = {}): JudgeInput {
  return {
    host: `www.${domain}` as Host,
    domain: domain as RegistrableDomain,
    port: 443,
    app: {
      name: 'curl',
      path: '/usr/bin/curl',
      signer: null,
      user: 'alice',
      parents: ['bash'],
      firstSeen: null,
    },
    scores: [],
    pastBlock: false,
    listed: null,
    now: 1_795_000_000_000 as UnixMs,
    ...part,
  };
}

/** An inquiry that ended. */
export function sampleInquiry(domain: string, part: Partial<Inquiry> = {}): Inquiry {
  return {
    id: 1,
    at: 1_795_000_000_000 as UnixMs,
    input: sampleInput(domain),
    apiUrl: 'http://127.0.0.1:1234/v1',
    model: 'm1',
    promptVersion: 'p1',
    rounds: [],
    outcome: { kind: 'allow', why: 'judged', reasons: ['known to the machine'], evidence: ['E1'] },
    marks: [],
    tokens: { prompt: 100, completion: 10 },
    durationMs: 12,
    failure: null,
    replayOf: null,
    ...part,
  };
}
