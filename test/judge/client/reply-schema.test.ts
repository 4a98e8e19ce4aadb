import { expect, test } from 'bun:test';
import { stepSchema, VERDICT_SCHEMA } from '../../../src/judge/client/reply-schema.ts';
import type { ToolSpec } from '../../../src/judge/core/model.ts';
import { readReply } from '../../../src/judge/reply/reply.ts';
import { fitted } from '../scripted-model/instance.ts';

/** Arguments with all that zod writes of them. */
const TOOLS: readonly ToolSpec[] = [
  {
    name: 'DNS_RESOLVE',
    description: 'DNS',
    parameters: {
      type: 'object',
      properties: {
        name: { type: 'string', minLength: 1, maxLength: 260, description: 'the name' },
        types: { type: 'array', maxItems: 6, items: { type: 'string', enum: ['A', 'MX'] } },
      },
      required: ['name'],
      additionalProperties: false,
    },
  },
  {
    name: 'FETCH',
    description: 'a page',
    parameters: {
      type: 'object',
      properties: { host: { type: 'string' }, port: { type: 'integer', default: 443, minimum: 1 } },
      required: ['host'],
    },
  },
  { name: 'HISTORY', description: 'what was seen', parameters: { type: 'object' } },
];
/** What OpenAI's strict mode takes, and every server knows that makes a grammar of a schema. */
const KEYWORDS = ['type', 'properties', 'required', 'additionalProperties', 'items', 'enum', 'anyOf'];

/** All schemas in one. */
function parts(schema: unknown): readonly Record<string, unknown>[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own = schema as Record<string, unknown>;
  const { properties = {}, items, anyOf = [] } = own;
  return [own, ...[...Object.values(properties as object), items, ...(anyOf as unknown[])].flatMap(parts)];
}

test('schemas are what the strictest servers take: an object at the root, all members demanded, no others', () => {
  for (const schema of [VERDICT_SCHEMA, stepSchema(TOOLS), stepSchema([])]) {
    expect(schema.type).toBe('object');
    for (const part of parts(schema)) {
      expect(Object.keys(part).filter((key) => !KEYWORDS.includes(key))).toEqual([]);
      if (part.type !== 'object') continue;
      expect(part.required).toEqual(Object.keys(part.properties as object));
      expect(part.additionalProperties).toBe(false);
    }
  }
});

test('a step names one of the tools, and takes the arguments of them all', () => {
  const { properties } = stepSchema(TOOLS) as {
    properties: Record<string, { anyOf: Record<string, unknown>[] }>;
  };
  expect(Object.keys(properties)).toEqual(['tool', 'args', 'verdict', 'reasons', 'evidence']);
  expect(properties.tool?.anyOf[0]?.enum).toEqual(['DNS_RESOLVE', 'FETCH', 'HISTORY']);
  const args = properties.args?.anyOf[0] as { properties: Record<string, unknown> };
  expect(args.properties).toEqual({
    name: { anyOf: [{ type: 'string' }, { type: 'null' }] },
    types: { anyOf: [{ type: 'array', items: { type: 'string', enum: ['A', 'MX'] } }, { type: 'null' }] },
    host: { anyOf: [{ type: 'string' }, { type: 'null' }] },
    port: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
  });
});

test('what is written under it is read as what was meant', () => {
  const write = (step: object): string => JSON.stringify(fitted(step, stepSchema(TOOLS)));
  const read = (step: object) => readReply({ content: write(step), toolCalls: [] });
  expect(write({ tool: 'HISTORY' })).toBe(
    '{"tool":"HISTORY","args":null,"verdict":null,"reasons":null,"evidence":null}',
  );
  expect(read({ tool: 'HISTORY' })).toMatchObject({ calls: [{ tool: 'HISTORY', args: {} }] });
  expect(read({ tool: 'FETCH', args: { host: 'a.example' } })).toMatchObject({
    calls: [{ tool: 'FETCH', args: { host: 'a.example' } }],
  });
  expect(read({ verdict: 'block', reasons: ['new'], evidence: ['E1'] })).toMatchObject({
    kind: 'verdict',
    verdict: 'block',
    reasons: ['new'],
    evidence: ['E1'],
  });
});
