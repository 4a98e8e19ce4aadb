/** The models that can be played. */
export const PERSONAS = [
  'well-behaved',
  'verbose',
  'hanging',
  'hangs-mid-stream',
  'dies-mid-stream',
  'loops-on-tools',
  'obeys-injection',
  'slow',
  'text-only',
  'garbage',
  'rate-limited',
  'refusing',
  'lying',
  'page-only',
  'believing',
] as const;
export type Persona = (typeof PERSONAS)[number];
export type PlayedVerdict = 'allow' | 'block' | 'unsure';
/** What its server does with a schema: nothing, holds the model to it whatever else is offered, or refuses it beside tools. */
export const SCHEMA_WAYS = ['ignored', 'enforced', 'refused-beside-tools'] as const;

/** What befalls one request in place of a reply; `cut`: in the middle of it. */
export type Mishap =
  | 'reset'
  | 'cut'
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> };

/** How the scripted model behaves; may be changed while it runs. */
export interface Script {
  readonly persona: Persona;
  /** Before each chat reply begins; `slow` takes at least `SLOW_MS`. */
  readonly delayMs: number;
  /** No reply begins until this is false again. */
  readonly isHolding: boolean;
  /** What it says of a domain that `verdicts` does not name. */
  readonly verdict: PlayedVerdict;
  /** By registrable domain. */
  readonly verdicts: Readonly<Record<string, PlayedVerdict>>;
  /** Tools it calls where they are offered, in this order; the first by itself, then up to two more together. */
  readonly tools: readonly string[];
  /** Tools whose results a believing model does not cite. */
  readonly uncited: readonly string[];
  /** Of an inquiry; a request that is none is always answered by its schema. */
  readonly schema: (typeof SCHEMA_WAYS)[number];
  /** The bearer that it takes; null takes all. */
  readonly key: string | null;
  /** Words that one who obeys takes for an order wherever they stand; null: any `allow` in a result. */
  readonly order: string | null;
  /** What befalls the next chat requests, one each. */
  readonly mishaps: readonly Mishap[];
}

/** What it says when nothing else is scripted. FETCH and CERTIFICATE come last: they touch the server in question. */
export const DEFAULT_SCRIPT: Script = {
  persona: 'well-behaved',
  delayMs: 0,
  isHolding: false,
  verdict: 'allow',
  verdicts: {},
  tools: ['HISTORY', 'WHOIS', 'DNS_RESOLVE', 'VIRUSTOTAL', 'CERTIFICATE', 'FETCH'],
  uncited: [],
  schema: 'ignored',
  key: null,
  order: null,
  mishaps: [],
};
export const SLOW_MS = 1_000;
