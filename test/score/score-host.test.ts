import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { embeddedModel } from '../../lists/score/embedded-model.ts';
import { normalizeHost } from '../../src/model/host.ts';
import { explainMargin, explainSignal } from '../../src/score/explain-signal.ts';
import { createModel, toLogit, toProbability } from '../../src/score/model.ts';
import { type HostScore, scoreHost } from '../../src/score/score-host.ts';

const model = embeddedModel();
const score = (text: string): HostScore => {
  const host = normalizeHost(text);
  if (host === null) throw new Error(`not a host: ${text}`);
  return scoreHost(host, model);
};

describe('score of a host', () => {
  test.each([
    'github.com',
    'www.wikipedia.org',
    'api.openai.com',
    'registry.npmjs.org',
    'rr5---sn-5ualdnz7.googlevideo.com',
    'd3eq1zq78ux3cv.cloudfront.net',
    'scontent.fcai20-5.fna.fbcdn.net',
    'bbc.co.uk',
    'login.microsoftonline.com',
    'www.paypal.com',
    'coinbase.com',
    'münchen.de',
  ])('%s passes', (host) => {
    expect(score(host).outcome).toBe('pass');
  });

  test.each(['kqzvxwplrtnbmchs.biz', 'gfjkhlrqznmwtbxp.ru', 'gqfjzmxkwvbnprtl.info'])(
    '%s blocks as generated',
    (host) => {
      expect(score(host)).toMatchObject({ outcome: 'block', decidedBy: 'generated', standing: 'unknown' });
    },
  );

  test('a generated label under dynamic DNS escalates and never blocks, on a hosting platform it says nothing', () => {
    expect(score('kqzvxwplrtnbmchs.duckdns.org')).toMatchObject({
      outcome: 'escalate',
      standing: 'dynamic_dns',
    });
    expect(score('kqzvxwplrtnbmchs.herokuapp.com').decidedBy).not.toBe('generated');
  });

  test.each(['metamask-wallet-login.webflow.io', 'paypal-verify.pages.dev'])(
    '%s escalates and never blocks: a platform hosts it',
    (host) => {
      expect(score(host)).toMatchObject({ outcome: 'escalate', standing: 'platform' });
    },
  );

  test('a lure in an operator customer zone escalates, noise there passes', () => {
    expect(score('paypal-login-verify.s3.amazonaws.com')).toMatchObject({ standing: 'provider_customer' });
    expect(score('x8sk2lq9z0.s3.amazonaws.com').outcome).toBe('pass');
  });

  test('phishing on an own domain is at least escalated', () => {
    for (const host of ['usps.com-trackvma.top', 'metamask-airdrop-claim.xyz', 'secure-login-paypal.com']) {
      expect(score(host).outcome).not.toBe('pass');
      expect(score(host).phishing).toBeGreaterThan(score('github.com').phishing);
    }
  });

  test('names on a table pass and say so', () => {
    expect(score('fonts.gstatic.com')).toMatchObject({ standing: 'provider', decidedBy: 'table' });
    expect(score('krxd.net').outcome).toBe('pass');
  });

  test('the signals add up to the log-odds of each model', () => {
    for (const host of [
      'github.com',
      'kqzvxwplrtnbmchs.biz',
      'paypal-verify.pages.dev',
      'xn--pple-43d.com',
    ]) {
      const { signals, margins, generatedLogit } = score(host);
      const sum = (kind: string) =>
        signals.filter((s) => s.model === kind).reduce((total, s) => total + s.push, 0);
      expect(sum('generated')).toBeCloseTo(generatedLogit, 6);
      expect(sum('phishing')).toBeCloseTo(
        toLogit(model.thresholds.phishing.block) - margins.phishing.block,
        6,
      );
    }
  });

  test('margins tell how far each threshold is', () => {
    const { margins, outcome } = score('kqzvxwplrtnbmchs.biz');
    expect(outcome).toBe('block');
    expect(margins.generated.block).toBeLessThan(0);
    expect(explainMargin(score('github.com'), 'generated')).toContain('short of escalating');
  });

  test('feedback shifts both models by what it is given, and shows it', () => {
    const host = normalizeHost('kqzvxwplrtnbmchs.biz');
    if (host === null) throw new Error('not a host');
    const plain = scoreHost(host, model);
    const moved = scoreHost(host, model, { generated: -2, phishing: -2 });
    expect(moved.generatedLogit).toBeCloseTo(plain.generatedLogit - 2, 10);
    expect(moved.signals).toContainEqual({ model: 'phishing', name: 'feedback', push: -2 });
  });

  test('other thresholds change the outcome and not the score', () => {
    const strict = createModel(model.weights, model.lexicon, model.popular, {
      generated: { escalate: 1e-9, block: 1e-8 },
      phishing: { escalate: 1e-9, block: 1e-8 },
      entropy: 4,
    });
    const host = normalizeHost('some-small-bakery.com');
    if (host === null) throw new Error('not a host');
    expect(scoreHost(host, strict).generated).toBe(scoreHost(host, model).generated);
    expect(scoreHost(host, strict).outcome).toBe('block');
  });

  test('every signal has a sentence', () => {
    for (const signal of score('paypal-verify.pages.dev').signals)
      expect(explainSignal(signal)).toMatch(/: [+-]\d/);
  });

  test('the same host scores the same after any other', () => {
    const first = score('example.com');
    score(`${'a1-'.repeat(20)}x.${'b'.repeat(63)}.com`);
    expect(score('example.com')).toEqual(first);
  });

  test('takes any host without a throw and answers within the ranges', () => {
    const char = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789-_.');
    fc.assert(
      fc.property(
        fc.string({ unit: char, minLength: 1, maxLength: 253 }),
        fc.constantFrom('', 'xn--', 'www.'),
        (text, head) => {
          const host = normalizeHost(head + text);
          if (host === null) return;
          const { generated, phishing, entropy } = scoreHost(host, model);
          expect(generated).toBeGreaterThan(0);
          expect(generated).toBeLessThan(1);
          expect(phishing).toBeGreaterThan(0);
          expect(phishing).toBeLessThan(1);
          expect(entropy).toBeGreaterThanOrEqual(1);
          expect(entropy).toBeLessThanOrEqual(5);
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe('probabilities', () => {
  test('rise strictly over the whole range and turn back into log-odds', () => {
    let before = 0;
    for (let logit = -60; logit <= 60; logit += 0.25) {
      const p = toProbability(logit);
      expect(p).toBeGreaterThan(before);
      expect(toLogit(p)).toBeCloseTo(logit, 3);
      before = p;
    }
  });
});
