import { parseFilter } from '../../src/model/filter/filter.ts';
import type { FlowRecord } from '../../src/model/flow.ts';

/** The filter in force; what it said of a flow is remembered, so that a frame asks it only of those that are new. */
export class FlowFilter {
  #text = '';
  #matches: ((flow: FlowRecord) => boolean) | null = null;
  #known = new WeakMap<FlowRecord, boolean>();
  #latest: { readonly source: readonly FlowRecord[]; readonly flows: readonly FlowRecord[] } | null = null;

  /** Takes another filter; a text that is none lets everything through. */
  set(text: string): void {
    if (text === this.#text) return;
    const parsed = text === '' ? null : parseFilter(text);
    this.#text = text;
    this.#matches = parsed?.ok ? parsed.matches : null;
    this.#known = new WeakMap();
    this.#latest = null;
  }

  /** Those that the filter lets through; the same array for the same flows. */
  apply(source: readonly FlowRecord[]): readonly FlowRecord[] {
    const matches = this.#matches;
    if (matches === null) return source;
    if (this.#latest?.source === source) return this.#latest.flows;
    const flows = source.filter((flow) => {
      const isShown = this.#known.get(flow) ?? matches(flow);
      this.#known.set(flow, isShown);
      return isShown;
    });
    this.#latest = { source, flows };
    return flows;
  }
}
