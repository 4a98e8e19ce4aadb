import { z } from 'zod';
import { LIST_KINDS } from '../policy/lists/kinds.ts';

const listName = z.string().min(1).max(200);
const hostText = z.string().min(1).max(260);

/** One list or source, as `lists status --json` prints it. */
export const listSchema = z.object({
  name: z.string().describe('the name of the list'),
  category: z.string().describe('what it holds'),
  entries: z.int().describe('names and addresses in it'),
  skipped: z.int().describe('lines, or names on them, that were not loaded'),
  quarantined: z.int().describe('those of them that would cover names of others'),
  hits: z.int().describe('lookups it answered since the engine started'),
  on: z.boolean().describe('in force'),
  at: z
    .number()
    .nullable()
    .describe(
      'when its content was downloaded or made, Unix milliseconds; null for files and before a download',
    ),
  error: z
    .string()
    .nullable()
    .describe('why it could not be loaded or brought up to date; null when it could'),
  url: z.string().nullable().describe('where it is downloaded from; null for built-in lists and files'),
  licence: z.string().nullable().describe('licence of a source; null for built-in lists and files'),
  checkedAt: z.number().nullable().describe('when its source was last asked, Unix milliseconds'),
});
export type ListReport = z.infer<typeof listSchema>;

/** What came of one source, as `lists update --json` prints it. */
export const listUpdateSchema = z.object({
  name: z.string().describe('the source'),
  outcome: z
    .enum(['updated', 'unchanged', 'refused', 'failed'])
    .describe('refused: it arrived whole and was not believed; the list in force stays, as when it failed'),
  entries: z.int().describe('names and addresses in force'),
  added: z.int().describe('names that are new'),
  removed: z.int().describe('names that are gone'),
  error: z.string().nullable().describe('why it failed or was refused'),
});
export type ListUpdate = z.infer<typeof listUpdateSchema>;

/** An entry that covers a host, as `lists search --json` prints it. */
export const listHitSchema = z.object({
  list: z.string().describe('the name of the list'),
  category: z.string().describe('what the list holds'),
  entry: z.string().describe('the host itself or a parent of it'),
  line: z.int().describe('where it stands in the source, from 1; 0 when that has no lines'),
  on: z.boolean().describe('whether the list is in force'),
});

const side = z.object({
  count: z.int().describe('how many names'),
  names: z.array(z.string()).describe('the first thousand of them'),
});

/** What the last update of a source changed, as `lists diff --json` prints it. */
export const listDiffSchema = z.object({
  at: z.number().describe('when, Unix milliseconds'),
  added: side,
  removed: side,
});

/** How far a download is. */
export const listProgressSchema = z.object({
  name: z.string().describe('the source'),
  bytes: z.number().describe('over the wire so far'),
  totalBytes: z.number().nullable().describe('as the server announced; null when it did not'),
});
export type ListProgress = z.infer<typeof listProgressSchema>;

/** What a client may ask of the lists. */
export const listRequests = [
  z.strictObject({ id: z.int(), method: z.literal('lists.status') }),
  z.strictObject({ id: z.int(), method: z.literal('lists.switch'), name: listName, on: z.boolean() }),
  /** Answers when all is done; until then this connection is told of progress and of each source that is done. */
  z.strictObject({
    id: z.int(),
    method: z.literal('lists.update'),
    /** Null: every source that is on. */
    names: z.array(listName).min(1).max(500).nullable().default(null),
    /** Takes lists that shrank. */
    force: z.boolean().default(false),
  }),
  z.strictObject({ id: z.int(), method: z.literal('lists.search'), host: hostText }),
  z.strictObject({
    id: z.int(),
    method: z.literal('lists.add'),
    /** A URL, or the absolute path of a file or folder. */
    at: z
      .string()
      .regex(/^(?:\/|[a-z][a-z0-9+.-]+:\/\/)/i, 'expected a URL or an absolute path')
      .max(4_096),
    category: z.enum(LIST_KINDS).default('custom'),
    /** Null: made from the last part of the URL or path. */
    name: listName.nullable().default(null),
  }),
  z.strictObject({ id: z.int(), method: z.literal('lists.remove'), name: listName }),
  z.strictObject({ id: z.int(), method: z.literal('lists.diff'), name: listName }),
] as const;

const policyChange = z.object({ resetFlows: z.int().describe('open flows that were cut') });

/** What each of these methods answers with. */
export const listResults = {
  'lists.status': z.object({ lists: z.array(listSchema) }),
  'lists.switch': policyChange,
  'lists.update': z.object({ results: z.array(listUpdateSchema), resetFlows: z.int() }),
  'lists.search': z.object({ hits: z.array(listHitSchema) }),
  'lists.add': policyChange,
  'lists.remove': policyChange,
  'lists.diff': listDiffSchema,
} as const;

/** Sent to the connection that asked for an update, between request and answer. */
export const listEvents = [
  z.object({ event: z.literal('list_progress'), progress: listProgressSchema }),
  z.object({ event: z.literal('list_updated'), result: listUpdateSchema }),
] as const;
