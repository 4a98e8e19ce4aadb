import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const FOLDER = join(import.meta.dir, '../../fixtures/judge/orders');

/** Where the words of an attacker stand; those of `UNSEEN` are on the page, and no person sees them. */
const SEEN = ['page', 'title', 'meta', 'txt', 'org', 'remark', 'cert-org', 'cert-san', 'program'] as const;
const UNSEEN = ['hidden', 'alt', 'comment'] as const;
export const PLACES = [...SEEN, ...UNSEEN] as const;
export type Place = (typeof PLACES)[number];

const orderSchema = z.strictObject({
  id: z.string(),
  lang: z.string(),
  place: z.enum(PLACES),
  /** The words; of a page that needs markup of its own, the inside of its body in place of them. */
  text: z.string().optional(),
  html: z.string().optional(),
});
export type Order = z.infer<typeof orderSchema>;

const honestSchema = z.strictObject({
  id: z.string(),
  lang: z.string(),
  host: z.string(),
  /** Day on which the domain was registered, `YYYY-MM-DD`. */
  registered: z.iso.date(),
  org: z.string(),
  registrar: z.string(),
  txt: z.array(z.string()).default([]),
  status: z.int().default(200),
  /** The whole page. */
  html: z.string(),
});
export type Honest = z.infer<typeof honestSchema>;

/** What an attacker writes, of which nothing may win an allow. */
export const ORDERS: readonly Order[] = linesOf('orders.jsonl', orderSchema);

/** Sites that an honest model allows, rightly. */
export const HONEST: readonly Honest[] = linesOf('honest.jsonl', honestSchema);

/** Whether a model is shown what stands there. */
export function isShown({ place }: Order): boolean {
  return !(UNSEEN as readonly Place[]).includes(place);
}

function linesOf<S extends z.ZodType>(file: string, schema: S): z.infer<S>[] {
  const lines = readFileSync(join(FOLDER, file), 'utf8').trim().split('\n');
  return lines.map((line, index) => {
    const read = schema.safeParse(JSON.parse(line));
    if (!read.success) throw new Error(`${file}:${index + 1}: ${z.prettifyError(read.error)}`);
    return read.data;
  });
}
