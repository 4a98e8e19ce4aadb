import { formatRange } from '../../../src/policy/hosts/ip-set.ts';
import type { ListFormat } from '../../../src/policy/lists/entry.ts';
import { ListReader } from '../../../src/policy/lists/reader.ts';

const MARKS = { listed: '', excepted: '@@', important: '!', important_excepted: '@@!' };

/** Reads a list as the compiler does; `cut` bytes at a time. Entries as `LINE NAME`, with `@@` and `!` before the name. */
export function read(content: string | Uint8Array, format: ListFormat = 'auto', cut = 7) {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const once = (cancelled: ReadonlySet<string>) => {
    const got: string[] = [];
    const reader = new ListReader(
      format,
      {
        name: (host, side, line) => got.push(`${line} ${MARKS[side]}${host}`) > 0,
        range: (range, side, line) => got.push(`${line} ${MARKS[side]}${formatRange(range)}`) > 0,
      },
      { cancelled },
    );
    for (let at = 0; at < bytes.length; at += cut) reader.push(bytes.subarray(at, at + cut));
    const counts = reader.end();
    const reasons = counts.samples.map((sample) => `${sample.line} ${sample.reason}`);
    return { got, counts, reasons, cancels: reader.cancels };
  };
  const first = once(new Set());
  return first.cancels.size === 0 ? first : once(first.cancels);
}

/** What one line says: its entry, or why there is none; `nothing` when it is passed over in silence. */
export function readLine(line: string, format: ListFormat = 'auto'): string {
  const { got, reasons } = read(line, format);
  return [...got, ...reasons].map((text) => text.replace(/^1 /, '')).join(' ') || 'nothing';
}
