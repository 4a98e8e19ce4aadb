import { expect, test } from 'bun:test';
import { FailedInquiries } from '../../../src/judge/desk/failed-inquiries.ts';
import type { RegistrableDomain } from '../../../src/model/brand.ts';
import type { Inquiry } from '../../../src/model/inquiry.ts';
import { sampleInquiry } from './sample-inquiry.ts';

const A = 'a.example' as RegistrableDomain;
const failed = (domain: string): Inquiry =>
  sampleInquiry(domain, {
    outcome: { kind: 'unsure', why: 'model_failed', reasons: ['HTTP 503: loading'], evidence: [] },
  });

function at(startMs = 1_000) {
  let nowMs = startMs;
  const inquiries = new FailedInquiries(() => nowMs);
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  return { inquiries, pass };
}

test('one failure is told of, and no reason to wait', () => {
  const { inquiries } = at();
  inquiries.add(failed(A));
  expect(inquiries.get(A)).toMatchObject({
    inquiry: 1,
    text: 'm1 failed to give a verdict: HTTP 503: loading',
  });
  expect(inquiries.whyPaused(A)).toBeNull();
});

test('failures in a row make pauses that double up to a minute', () => {
  const { inquiries, pass } = at();
  const pauses: number[] = [];
  for (let i = 0; i < 9; i++) {
    inquiries.add(failed(A));
    let ms = 0;
    for (; inquiries.whyPaused(A) !== null; ms += 500) pass(500);
    pauses.push(ms);
  }
  expect(pauses).toEqual([0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
});

test('a pause says how long it is and why', () => {
  const { inquiries, pass } = at();
  for (let i = 0; i < 3; i++) inquiries.add(failed(A));
  pass(500);
  expect(inquiries.whyPaused(A)).toBe(
    'the judge is not asked for 2 s: m1 failed to give a verdict: HTTP 503: loading',
  );
});

test('a failure that is long ago, or was forgotten, does not count', () => {
  const { inquiries, pass } = at();
  inquiries.add(failed(A));
  pass(60_000);
  expect(inquiries.get(A)).toBeNull();
  inquiries.add(failed(A));
  expect(inquiries.whyPaused(A)).toBeNull();
  inquiries.forget(A);
  inquiries.add(failed(A));
  expect(inquiries.get(A)?.times).toBe(1);
  inquiries.clear();
  expect(inquiries.get(A)).toBeNull();
});

test('of more domains than there is room for the latest are remembered', () => {
  const { inquiries } = at();
  for (let i = 0; i <= 1_000; i++) inquiries.add(failed(`n${i}.example`));
  expect(inquiries.get('n0.example' as RegistrableDomain)).toBeNull();
  expect(inquiries.get('n1000.example' as RegistrableDomain)).not.toBeNull();
});
