import type { RegistrableDomain, UnixMs } from '../../src/model/brand.ts';
import type { Inquiry, KeptVerdict } from '../../src/model/inquiry.ts';
import { type InquiryPart, makeInquiry } from '../tui/transcript/sample-transcript.ts';

/** An inquiry as the judge hands it over, `over` on top. */
export function sampleInquiry(id: number, over: InquiryPart = {}): Inquiry {
  return makeInquiry({ id, ...over });
}

/** A verdict as it is kept, in force until 2100, `over` on top. */
export function sampleVerdict(domain: string, over: Partial<KeptVerdict> = {}): KeptVerdict {
  return {
    domain: domain as RegistrableDomain,
    app: '/usr/bin/curl',
    kind: 'block',
    reasons: ['registered three days ago'],
    marks: [],
    inquiry: 1,
    model: 'gpt-oss-20b',
    promptVersion: '1',
    at: 1_790_000_000_000 as UnixMs,
    expiresAt: 4_102_444_800_000 as UnixMs,
    ...over,
  };
}
