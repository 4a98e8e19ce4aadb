const MAX_DEPTH = 6;

interface Schema {
  readonly type?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly minimum?: number;
}

/** The smallest value that a JSON schema takes, as far as tools and verdicts need it. */
export function instanceOf(schema: Schema, depth = 0): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (depth >= MAX_DEPTH) return null;
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([key, value]) => [key, instanceOf(value, depth + 1)]),
      );
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => instanceOf(schema.items ?? {}, depth + 1));
    case 'integer':
    case 'number':
      return schema.minimum ?? 1;
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return 'example.com';
  }
}

/** A value as a server that holds its model to a schema lets it be written: what the schema demands and the value lacks is null. */
export function fitted(value: unknown, schema: Schema): unknown {
  const [first] = schema.anyOf ?? [];
  if (first !== undefined) return value === undefined ? null : fitted(value, first);
  if (schema.type !== 'object') return value;
  const members = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    (schema.required ?? []).map((key) => [key, fitted(members[key], schema.properties?.[key] ?? {})]),
  );
}
