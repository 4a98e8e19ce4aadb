/** An object from outside. */
export type Json = Readonly<Record<string, unknown>>;

/** A field of what may be an object. */
export function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Json)[key] : undefined;
}

/** A text, or the texts of a list of parts; empty for anything else. */
export function textOf(value: unknown): string {
  if (!Array.isArray(value)) return typeof value === 'string' ? value : '';
  const texts = value.map((part) => (typeof part === 'string' ? part : fieldOf(part, 'text')));
  return texts.filter((text) => typeof text === 'string').join('');
}
