import { decodePunycode } from './punycode.ts';

// Digits and pairs that stand in for letters inside an ASCII name.
const DIGIT_LETTERS = 'olzeasgtbg';
const PAIRS: readonly (readonly [string, string])[] = [
  ['rn', 'm'],
  ['vv', 'w'],
  ['nn', 'm'],
];

/**
 * What a host looks like to a person: punycode decoded, letters of other scripts and digits replaced by the ASCII they
 * resemble, `rn` by `m` and `vv` by `w`. Null when nothing changes, which is the common case and costs one pass.
 */
export function skeletonOf(
  host: string,
  end: number,
  confusables: ReadonlyMap<number, string>,
): string | null {
  if (!mayDiffer(host, end)) return null;
  const labels = host.slice(0, end).split('.');
  const seen = labels.map((label) => lookalike(label, confusables)).join('.');
  return seen === host.slice(0, end) ? null : seen;
}

function mayDiffer(host: string, end: number): boolean {
  let before = 0;
  for (let i = 0; i < end; i++) {
    const c = host.charCodeAt(i);
    if (c >= 0x30 && c <= 0x39) return true;
    if ((c === 0x6e && (before === 0x72 || before === 0x6e)) || (c === 0x76 && before === 0x76)) return true;
    if (c === 0x2d && before === 0x2d) return true;
    before = c;
  }
  return false;
}

function lookalike(label: string, confusables: ReadonlyMap<number, string>): string {
  let text = label.startsWith('xn--') ? fromPunycode(label, confusables) : label;
  for (const [pair, letter] of PAIRS) if (text.includes(pair)) text = text.replaceAll(pair, letter);
  let ascii = '';
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    ascii += c >= 0x30 && c <= 0x39 ? DIGIT_LETTERS.charAt(c - 0x30) : text.charAt(i);
  }
  return ascii;
}

function fromPunycode(label: string, confusables: ReadonlyMap<number, string>): string {
  const points = decodePunycode(label, 4, label.length);
  if (points === null) return label;
  let ascii = '';
  for (const point of points)
    ascii += point < 0x80 ? String.fromCodePoint(point) : (confusables.get(point) ?? '-');
  return ascii;
}
