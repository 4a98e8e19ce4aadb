import type { Ip } from '../model/brand.ts';
import { cleanText } from '../model/clean.ts';
import type { Verdict } from '../model/flow.ts';
import {
  type IpRange,
  ipWords,
  networkText,
  parseIpRange,
  rangeTest,
  rangeText,
  samePrefix,
} from '../model/ip.ts';
import type { Subject } from '../model/subject.ts';

/** Who dials the unspecified address reaches this machine too. */
const LOOPBACK = rangesOf(['127.0.0.0/8', '0.0.0.0/32', '::1/128', '::/128']);
/** An address there means nothing without its interface, which a redirected connection no longer tells. */
const LINK_LOCAL = rangesOf(['fe80::/10']);

/** The ranges of `intercept.skip`, whose connections the kernel lets pass by the firewall unless a rule blocks an address there. */
export interface SkippedRanges {
  /**
   * Allows what lies in them and came to us all the same, because a rule blocks that address for some program, user or port, and not
   * this connection: it goes on as its neighbours do.
   */
  ask(subject: Subject): Verdict | null;
  /** The verdict on what never comes to us, for explanations: no rule has a say in it. Null for all else. */
  unseen(subject: Subject): Verdict | null;
}

/** `blocked`: the ranges that rules block by a moment. Throws on a range that the config schema would have refused. */
export function skippedRanges(
  skip: readonly string[],
  blocked: (now: Subject['now']) => readonly IpRange[],
): SkippedRanges {
  const ranges = rangesOf(skip).map(({ text, range }) => {
    const words = new Uint32Array(4);
    return { text, words, width: ipWords(range.first, words), prefix: range.prefix };
  });
  const asked = new Uint32Array(4);
  // For every connection, so its address is read once.
  const rangeOf = (ip: Ip): string | null => {
    const width = ipWords(ip, asked);
    for (const range of ranges)
      if (range.width === width && samePrefix(range.words, 0, asked, 0, range.prefix)) return range.text;
    return null;
  };
  return {
    ask({ ip }) {
      const range = ip === null ? null : rangeOf(ip);
      return range === null
        ? null
        : verdict(`${ip} lies in ${range} of intercept.skip, where only rules that block count`);
    },
    unseen({ ip, now }) {
      if (ip === null) return null;
      const never = neverSeen({ first: ip, prefix: ip.includes(':') ? 128 : 32 }, skip);
      if (never !== null) return verdict(`${ip}: ${never}`);
      const range = rangeOf(ip);
      if (range === null || blocked(now).some((block) => rangeTest(block)(ip))) return null;
      return verdict(
        `${ip} lies in ${range} of intercept.skip and no rule blocks that address: it passes unseen, whatever other rules say`,
      );
    },
  };
}

/** Those of the blocked ranges that touch a skipped one, as text, sorted: what the kernel has to bring to us all the same. */
export function divertedRanges(blocked: readonly IpRange[], skip: readonly string[]): readonly string[] {
  const skipped = rangesOf(skip);
  const diverted = blocked.filter(
    (block) => neverSeen(block, skip) === null && skipped.some(({ range }) => overlaps(range, block)),
  );
  return [...new Set(diverted.map(rangeText))].sort();
}

/** Why no connection to these addresses ever comes to us and no rule counts there, in words; null when they may come. */
export function neverSeen(range: IpRange, skip: readonly string[]): string | null {
  if (LOOPBACK.some((loopback) => holdsAll(loopback.range, range)))
    return 'connections of this machine to itself never come to the firewall, and no rule counts';
  const [linkLocal] = LINK_LOCAL;
  const isLinkLocal = linkLocal !== undefined && holdsAll(linkLocal.range, range);
  if (!isLinkLocal || !rangesOf(skip).some((skipped) => holdsAll(skipped.range, range))) return null;
  return 'link-local connections never come to the firewall while intercept.skip holds fe80::/10, and no rule counts';
}

function holdsAll(outer: IpRange, inner: IpRange): boolean {
  return inner.prefix >= outer.prefix && rangeTest(outer)(inner.first);
}

function overlaps(a: IpRange, b: IpRange): boolean {
  return a.prefix <= b.prefix ? rangeTest(a)(b.first) : rangeTest(b)(a.first);
}

function rangesOf(texts: readonly string[]) {
  return texts.map((text) => {
    const read = parseIpRange(networkText(text));
    if (!read.ok) throw new RangeError(`not an address range: ${JSON.stringify(text)}: ${read.error}`);
    return { text, range: read.range, holds: rangeTest(read.range) };
  });
}

function verdict(text: string): Verdict {
  return {
    kind: 'allow',
    stage: 'skip',
    reason: 'skipped',
    evidence: [{ kind: 'note', text: cleanText(text) }],
  };
}
