import { HOPELESS, type ModelFault } from './failure.ts';

const SCHEMA =
  /response.?(?:format|mime.?type|schema)|json.?(?:schema|mode)|structured|guided|grammar|schema/i;
/**
 * What of the protocol a server may lack, with the words by which servers say so: of what is in use, the first that fits is left out, and
 * of every further request as well.
 */
const FEATURES = [
  // The limit of a reply's tokens by its old name; by its new one where the server wants that.
  ['maxTokens', /max_tokens|max_completion_tokens/i],
  // Tokens counted at the end of a stream.
  ['usage', /stream_options|include_usage/i],
  // Answers that keep to a JSON schema: where native tools are offered as well, and where not.
  ['schemaWithTools', SCHEMA],
  ['schema', SCHEMA],
  ['temperature', /temperature/i],
  // A role for instructions.
  ['system', /system.{0,10}(?:role|message|prompt|instruction)|role.{0,10}system|developer instruction/i],
  // Native tool calls.
  ['tools', /\btools?\b|tool_|function|jinja|template|roles must alternate/i],
  // Answers piece by piece.
  ['streaming', /\bstream(?:ing)?\b/i],
] as const;

export type Feature = (typeof FEATURES)[number][0];
/** What a server has, as far as is known. */
export type Features = Readonly<Record<Feature, boolean>>;

/** What is tried first. */
export const ALL_FEATURES = Object.fromEntries(FEATURES.map(([feature]) => [feature, true])) as Features;
/** What is left out, one after the other, where a server only says no. */
const GUESSES = ['schemaWithTools', 'schema', 'tools', 'usage', 'temperature', 'streaming'] as const;

/** Statuses of servers that do not know something they were asked for; with these a reason need not be given. */
const VAGUE: ReadonlySet<number | null> = new Set([400, 422, 501]);
/** With these it must be: 404 is mostly a model, and 500 a fault, save where a server of tools or templates says so. */
const NAMING: ReadonlySet<number | null> = new Set([...VAGUE, 404, 405, 415, 500, null]);

/** What a refused request asked for in vain; null when its refusal, if it was one, is not about a feature that was in use. */
export function refusedFeature(fault: ModelFault | null, used: Features): Feature | null {
  const { status, words } = fault?.refusal ?? { status: 0, words: '' };
  if (!NAMING.has(status) || HOPELESS.test(words)) return null;
  const named = FEATURES.find(([feature, pattern]) => used[feature] && pattern.test(words));
  if (named !== undefined) return named[0];
  return VAGUE.has(status) ? (GUESSES.find((feature) => used[feature]) ?? null) : null;
}
