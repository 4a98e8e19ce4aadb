import type { Host } from '../../model/brand.ts';
import type { AddressRange } from '../hosts/ip-set.ts';
import type { EntrySink, ListFormat, Side, SkipReason } from './entry.ts';
import { LineParser } from './format.ts';
import { LineSplitter } from './lines.ts';
import { suffixKind } from './suffix.ts';

/** Lines that were not loaded are kept up to this number, the rest only counted. */
export const SAMPLES_MAX = 20;
/** Most `$badfilter` rules that one list may hold; what is beyond is skipped. */
const CANCELS_MAX = 10_000;
const SAMPLE_CHARS = 120;
// Shorter prefixes cover more than a company or a country's provider has.
const SHORTEST_PREFIX_V4 = 8;
const SHORTEST_PREFIX_V6 = 19;

/** A line that was not loaded. `text` is hostile: clean it before it is drawn. */
export interface SkippedLine {
  readonly line: number;
  readonly reason: SkipReason;
  readonly text: string;
}

/** What became of a list's lines. */
export interface ReadCounts {
  readonly lines: number;
  /** Names and addresses that were handed on, repeats included. */
  readonly entries: number;
  /** Lines, or names on them, that were not; quarantined ones too. */
  readonly skipped: number;
  readonly quarantined: number;
  readonly samples: readonly SkippedLine[];
}

/** How a list is read. */
export interface ReadOptions {
  /** Names that companies let others use (`cloudfront.net`) are entries too, since the owner is what is listed. */
  readonly providers: boolean;
  /** What an earlier reading of the same list gave as `cancels`. */
  readonly cancelled: ReadonlySet<string>;
}
const NO_RULES: ReadonlySet<string> = new Set();

/** Takes the entries of a list with their lines; false means that it can hold no more. */
export interface ListSink {
  name(host: Host, side: Side, line: number): boolean;
  range(range: AddressRange, side: Side, line: number): boolean;
}

/** Reads a list that comes in pieces: cuts it into lines, parses them, keeps entries out that would cover strangers. */
export class ListReader {
  readonly #sink: ListSink;
  readonly #splitter: LineSplitter;
  readonly #providers: boolean;
  readonly #samples: SkippedLine[] = [];
  #entries = 0;
  #skipped = 0;
  #quarantined = 0;
  #text = '';
  readonly #cancels = new Set<string>();

  constructor(format: ListFormat, sink: ListSink, options: Partial<ReadOptions> = {}) {
    this.#sink = sink;
    this.#providers = options.providers ?? false;
    const parser = new LineParser(format, this.#entrySink(options.cancelled ?? NO_RULES));
    this.#splitter = new LineSplitter((text) => {
      this.#text = text ?? '';
      if (text === null) this.#skip('too_long');
      else parser.line(text);
    });
  }

  /** Rules that `$badfilter` cancels wherever they stand in this list: when there are any, it is read once more with them. */
  get cancels(): ReadonlySet<string> {
    return this.#cancels;
  }

  push(bytes: Uint8Array): void {
    this.#splitter.push(bytes);
  }

  end(): ReadCounts {
    this.#splitter.end();
    return {
      lines: this.#splitter.lines,
      entries: this.#entries,
      skipped: this.#skipped,
      quarantined: this.#quarantined,
      samples: this.#samples,
    };
  }

  #entrySink(cancelled: ReadonlySet<string>): EntrySink {
    return {
      cancelled,
      cancel: (rule) => {
        if (this.#cancels.size < CANCELS_MAX) this.#cancels.add(rule);
        else this.#skip('full');
      },
      name: (host, side) => {
        if (this.#coversStrangers(host)) return this.#skip('public_suffix');
        this.#count(this.#sink.name(host, side, this.#splitter.lines));
      },
      range: (range, side) => {
        const shortest = range.kind >= 256 ? 256 + SHORTEST_PREFIX_V6 : SHORTEST_PREFIX_V4;
        if (range.kind < shortest) return this.#skip('too_broad');
        this.#count(this.#sink.range(range, side, this.#splitter.lines));
      },
      skip: (reason) => this.#skip(reason),
    };
  }

  #coversStrangers(host: Host): boolean {
    const kind = suffixKind(host);
    return kind === 'icann' || (kind === 'private' && !this.#providers);
  }

  #count(taken: boolean): void {
    if (taken) this.#entries++;
    else this.#skip('full');
  }

  #skip(reason: SkipReason): void {
    this.#skipped++;
    if (reason === 'public_suffix' || reason === 'too_broad') this.#quarantined++;
    if (this.#samples.length >= SAMPLES_MAX) return;
    this.#samples.push({ line: this.#splitter.lines, reason, text: this.#text.slice(0, SAMPLE_CHARS) });
  }
}
