/** An object from outside. */
export type Json = Readonly<Record<string, unknown>>;

/** A field of what may be an object. */
export function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Json)[key] : undefined;
}

/** A field that is an object. */
export function objectOf(value: unknown, key: string): Json | null {
  const inner = fieldOf(value, key);
  return typeof inner === 'object' && inner !== null ? (inner as Json) : null;
}

/** A text, or the texts of a list of parts; empty for anything else. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return '';
  return value
    .map((part) => (typeof part === 'string' ? part : fieldOf(part, 'text')))
    .filter((text) => typeof text === 'string')
    .join('');
}
