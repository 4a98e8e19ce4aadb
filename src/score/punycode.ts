/** Longest label decoded, in code points; DNS allows 63 octets. */
const MAX_POINTS = 63;

/**
 * Decodes the punycode of an `xn--` label, `text[start, end)` without that prefix (RFC 3492), into code points.
 * Null when it is not valid punycode.
 */
export function decodePunycode(text: string, start: number, end: number): number[] | null {
  const dash = text.lastIndexOf('-', end - 1);
  const basicEnd = Math.max(dash, start);
  const points: number[] = [];
  for (let i = start; i < basicEnd; i++) points.push(text.charCodeAt(i));
  let n = 128;
  let i = 0;
  let bias = 72;
  let at = dash >= start ? dash + 1 : start;
  while (at < end) {
    const before = i;
    let weight = 1;
    for (let k = 36; ; k += 36) {
      const digit = at < end ? punycodeDigit(text.charCodeAt(at++)) : -1;
      if (digit < 0) return null;
      i += digit * weight;
      const threshold = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
      if (digit < threshold) break;
      weight *= 36 - threshold;
      if (weight > 0x7fffffff) return null;
    }
    const count = points.length + 1;
    bias = adapt(i - before, count, before === 0);
    n += Math.floor(i / count);
    i %= count;
    if (n > 0x10ffff || count > MAX_POINTS) return null;
    points.splice(i++, 0, n);
  }
  return points;
}

function punycodeDigit(code: number): number {
  if (code >= 0x61 && code <= 0x7a) return code - 0x61;
  if (code >= 0x30 && code <= 0x39) return code - 0x30 + 26;
  return -1;
}

function adapt(delta: number, count: number, first: boolean): number {
  let left = first ? Math.floor(delta / 700) : delta >> 1;
  left += Math.floor(left / count);
  let k = 0;
  for (; left > 455; k += 36) left = Math.floor(left / 35);
  return k + Math.floor((36 * left) / (left + 38));
}
