import type { Refusal } from './failure.ts';

/** What of the protocol a server has. What it turned out not to have is left out of every further request. */
export interface Features {
  /** Native tool calls. */
  readonly tools: boolean;
  /** Answers that keep to a JSON schema. */
  readonly schema: boolean;
  /** The same where native tools are offered as well. */
  readonly schemaWithTools: boolean;
  /** Answers piece by piece. */
  readonly streaming: boolean;
  /** Tokens counted at the end of a stream. */
  readonly usage: boolean;
  readonly temperature: boolean;
  /** A role for instructions. */
  readonly system: boolean;
  /** The limit of a reply's tokens by its old name; by its new one where the server wants that. */
  readonly maxTokens: boolean;
}
export type Feature = keyof Features;

/** What is tried first. */
export const ALL_FEATURES: Features = {
  tools: true,
  schema: true,
  schemaWithTools: true,
  streaming: true,
  usage: true,
  temperature: true,
  system: true,
  maxTokens: true,
};

const SCHEMA_WORDS =
  /response.?(?:format|mime.?type|schema)|json.?(?:schema|mode)|structured|guided|grammar|schema/i;
/** Words by which servers name what they do not have; the first that fits something in use is left out. */
const NAMED: readonly (readonly [RegExp, Feature])[] = [
  [/max_tokens|max_completion_tokens/i, 'maxTokens'],
  [/stream_options|include_usage/i, 'usage'],
  [SCHEMA_WORDS, 'schemaWithTools'],
  [SCHEMA_WORDS, 'schema'],
  [/temperature/i, 'temperature'],
  [/system.{0,10}(?:role|message|prompt|instruction)|role.{0,10}system|developer instruction/i, 'system'],
  [/\btools?\b|tool_|function|jinja|template|roles must alternate/i, 'tools'],
  [/\bstream(?:ing)?\b/i, 'streaming'],
];
/** What is left out, one after the other, where a server only says no. */
const GUESSES: readonly Feature[] = [
  ...(['schemaWithTools', 'schema', 'tools', 'usage', 'temperature', 'streaming'] as const),
];

/** Statuses of servers that do not know something they were asked for; with these a reason need not be given. */
const VAGUE: ReadonlySet<number> = new Set([400, 422, 501]);
/** With these it must be: 404 is mostly a model, and 500 a fault, save where a server of tools or templates says so. */
const NAMING: ReadonlySet<number | null> = new Set([...VAGUE, 404, 405, 415, 500, null]);
/** Refusals that no other request would mend. */
const HOPELESS =
  /context.{0,20}(?:length|window|size)|too many tokens|(?:model|engine)\b.{0,80}\b(?:not (?:found|loaded|exist|available)|does not exist|unknown)|no models? (?:is |are )?loaded|(?:unknown|no such|invalid) model|quota|billing|api key/i;

/** What a refused request asked for in vain; null when its refusal is not about a feature that was in use. */
export function refusedFeature(refusal: Refusal, used: ReadonlySet<Feature>): Feature | null {
  const { status, words } = refusal;
  if (!NAMING.has(status) || HOPELESS.test(words)) return null;
  const named = NAMED.find(([pattern, feature]) => used.has(feature) && pattern.test(words))?.[1];
  if (named !== undefined) return named;
  return VAGUE.has(status ?? 0) ? (GUESSES.find((feature) => used.has(feature)) ?? null) : null;
}
