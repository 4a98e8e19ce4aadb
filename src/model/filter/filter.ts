import type { FlowRecord } from '../flow.ts';
import { FILTER_KEYS, testOfWord } from './keys.ts';
import { readTerms, shown, type Term } from './words.ts';

/** A longer filter is refused. */
export const FILTER_MAX_CHARS = 1_000;

export type ReadFilter =
  | { readonly ok: true; readonly matches: (flow: FlowRecord) => boolean }
  | { readonly ok: false; readonly error: string };

type FlowTest = (flow: FlowRecord) => boolean;

/**
 * Reads the filter of `log --filter` and of the screen: terms that must all hold, `-term` that must not, `a|b` for either.
 * `key:value` looks at one field (see FILTER_KEYS), a bare word is looked for in host, program name and path.
 * The empty filter matches everything. An error names the term and its position, 1 being the first character.
 */
export function parseFilter(text: string): ReadFilter {
  if (text.length > FILTER_MAX_CHARS) {
    return { ok: false, error: `the filter is longer than ${FILTER_MAX_CHARS} characters` };
  }
  const read = readTerms(text);
  if (!read.ok) return read;
  const tests: FlowTest[] = [];
  for (const term of read.terms) {
    const test = testOf(term);
    if (typeof test === 'string') {
      return { ok: false, error: `${shown(term.text)} at position ${term.position}: ${test}` };
    }
    tests.push(test);
  }
  return { ok: true, matches: (flow) => tests.every((test) => test(flow)) };
}

/** What a term asks of a flow, or what is wrong with it. */
function testOf(term: Term): FlowTest | string {
  const make = term.key === null ? testOfWord : FILTER_KEYS.get(term.key);
  if (make === undefined) return `no such key; keys are ${[...FILTER_KEYS.keys()].join(', ')}`;
  const tests: FlowTest[] = [];
  for (const value of term.values) {
    const test = make(value);
    if (typeof test === 'string') return test;
    tests.push(test);
  }
  return (flow) => tests.some((test) => test(flow)) !== term.isNegated;
}
