import type { ToolSpec } from '../core/model.ts';

type Schema = Record<string, unknown>;

/** Of what tools say of their arguments, what every server that keeps to schemas knows. */
const KEPT = ['type', 'enum', 'items'];
const TEXTS = { type: 'array', items: { type: 'string' } };
const VERDICT = {
  verdict: { type: 'string', enum: ['allow', 'block', 'unsure'] },
  reasons: TEXTS,
  evidence: TEXTS,
};

/** The JSON schema of a verdict, as an answer and as the arguments of its tool. */
export const VERDICT_SCHEMA = object(VERDICT);

/**
 * The JSON schema of one step: a call of a tool, or the verdict. Some servers hold a model to a schema though tools are offered as well
 * (vllm-project/vllm#39929, ollama/ollama#13750); under this one it can call them all the same. OpenAI's strict mode wants an object at
 * the root whose members are all there, so that what a step leaves out is null; in the arguments, what other tools take.
 */
export function stepSchema(tools: readonly ToolSpec[]): Schema {
  const taken = tools.flatMap(({ parameters }) => Object.entries((parameters.properties ?? {}) as Schema));
  const args = object(
    orNull(Object.fromEntries(taken.map(([key, schema]) => [key, plain(schema as Schema)]))),
  );
  const tool = { type: 'string', enum: tools.map(({ name }) => name) };
  return object(orNull({ tool, args, ...VERDICT }));
}

function object(properties: Schema): Schema {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

function orNull(properties: Schema): Schema {
  const entries = Object.entries(properties);
  return Object.fromEntries(entries.map(([key, schema]) => [key, { anyOf: [schema, { type: 'null' }] }]));
}

function plain(schema: Schema): Schema {
  const entries = Object.entries(schema).filter(([key]) => KEPT.includes(key));
  return Object.fromEntries(
    entries.map(([key, item]) => [key, key === 'items' ? plain(item as Schema) : item]),
  );
}
