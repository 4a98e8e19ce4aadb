import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { explanationSchema } from '../../src/schema/explanation.ts';
import { flowSchema } from '../../src/schema/flow.ts';
import {
  inquirySchema,
  inquirySummarySchema,
  judgeCheckSchema,
  keptVerdictSchema,
} from '../../src/schema/judge.ts';
import { judgeReplaySchema } from '../../src/schema/judge-replay.ts';
import { listDiffSchema, listHitSchema, listSchema, listUpdateSchema } from '../../src/schema/list.ts';
import { ruleSchema } from '../../src/schema/rule.ts';
import { statusSchema } from '../../src/schema/status.ts';
import { whySchema } from '../../src/schema/why.ts';

/** The part of JSON Schema that `z.toJSONSchema` makes of our schemas. */
interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly enum?: readonly string[];
  readonly const?: string | boolean;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
}

interface Row {
  readonly path: string;
  readonly type: string;
  readonly meaning: string;
}

const SHAPES: readonly { readonly title: string; readonly from: string; readonly schema: z.ZodType }[] = [
  { title: 'Flow', from: '`resolagent log --json`, one object a line', schema: flowSchema },
  { title: 'Rule', from: '`resolagent rules list --json`, one object a rule', schema: ruleSchema },
  { title: 'Why', from: '`resolagent why --json`', schema: whySchema },
  { title: 'Explanation', from: '`resolagent explain --json`', schema: explanationSchema },
  { title: 'List', from: '`resolagent lists status --json`, one object a list', schema: listSchema },
  {
    title: 'ListUpdate',
    from: '`resolagent lists update --json`, one object a source',
    schema: listUpdateSchema,
  },
  { title: 'ListHit', from: '`resolagent lists search --json`, one object an entry', schema: listHitSchema },
  { title: 'ListDiff', from: '`resolagent lists diff --json`', schema: listDiffSchema },
  {
    title: 'InquirySummary',
    from: '`resolagent judge list --json`, one object an inquiry',
    schema: inquirySummarySchema,
  },
  { title: 'Inquiry', from: '`resolagent judge show --json`', schema: inquirySchema },
  { title: 'JudgeReplay', from: '`resolagent judge replay --json`', schema: judgeReplaySchema },
  {
    title: 'KeptVerdict',
    from: '`resolagent judge learned --json`, one object a verdict',
    schema: keptVerdictSchema,
  },
  { title: 'JudgeCheck', from: '`resolagent judge check --json`', schema: judgeCheckSchema },
  {
    title: 'Status',
    from: '`resolagent status --json`, beside `running: true`; with no engine only `running: false` and `socket`',
    schema: statusSchema,
  },
];

const HEAD = `# JSON shapes

What commands print with \`--json\`. Written by \`npm run docs:json\` from the schema that checks every message; do not edit.
Fields are never removed or given another meaning within a major version; new ones may come. \`null\` means known to be absent.
Text that came from a program or a server is printed as it was, JSON-escaped: clean it before you show it on a terminal.
Every line is one such object: what else is to be said, such as how many lines a reader missed that was too slow, goes to standard error.
`;

/** The page that documents every shape, as markdown; what several of them share stands at the end. */
export function renderJsonPage(): string {
  const schemas = SHAPES.map((shape) => ({ ...shape, json: z.toJSONSchema(shape.schema) as JsonSchema }));
  const shared = new Map<string, JsonSchema>();
  for (const { json } of schemas) {
    for (const [name, schema] of Object.entries(json.$defs ?? {})) shared.set(name, schema);
  }
  const sections = [
    ...schemas.map(({ title, from, json }) => section(title, `From ${from}.`, json)),
    ...[...shared].reverse().map(([name, schema]) => section(name, 'Part of the others.', schema)),
  ];
  return `${HEAD}${sections.join('')}`;
}

function section(title: string, intro: string, schema: JsonSchema): string {
  const lines = rowsOf('', schema).map(
    ({ path, type, meaning }) => `| \`${path}\` | ${type} | ${meaning} |\n`,
  );
  return `\n## ${title}\n\n${intro}\n\n| field | type | meaning |\n| --- | --- | --- |\n${lines.join('')}`;
}

/** A row for the field itself, if it has a name, and one for each field below it. */
function rowsOf(path: string, schema: JsonSchema): Row[] {
  const own = path === '' ? [] : [{ path, type: typeOf(schema), meaning: schema.description ?? '' }];
  return [...own, ...fieldsOf(path, schema)];
}

function fieldsOf(path: string, schema: JsonSchema): Row[] {
  if (schema.items !== undefined) return fieldsOf(`${path}[]`, schema.items);
  const variants = schema.oneOf ?? schema.anyOf?.filter(({ properties }) => properties !== undefined) ?? [];
  if (variants.length > 0) return variants.flatMap((variant) => fieldsOf(path + tagOf(variant), variant));
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) =>
    rowsOf(/^$|\) $/.test(path) ? `${path}${name}` : `${path}.${name}`, field),
  );
}

/** What tells a variant of a union from the others: its first field with a fixed value. */
function tagOf(variant: JsonSchema): string {
  const tag = Object.entries(variant.properties ?? {}).find(([, field]) => field.const !== undefined);
  return tag === undefined ? '' : `(${tag[0]}: ${tag[1].const}) `;
}

function typeOf(schema: JsonSchema): string {
  if (schema.$ref !== undefined) return linkTo(schema.$ref);
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (schema.items !== undefined) return `list of ${typeOf(schema.items)}`;
  const parts = schema.anyOf ?? schema.oneOf;
  if (parts !== undefined) return [...new Set(parts.map(typeOf))].join(' or ');
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  return types.join(' or ');
}

function linkTo(ref: string): string {
  const name = ref.slice(ref.lastIndexOf('/') + 1);
  return `[${name}](#${name.toLowerCase()})`;
}

if (import.meta.main)
  writeFileSync(process.argv[2] ?? join(import.meta.dir, '../../docs/json.md'), renderJsonPage());
