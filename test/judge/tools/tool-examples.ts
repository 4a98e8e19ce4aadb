import { z } from 'zod';
import type { ToolName } from '../../../src/judge/core/model.ts';
import type { Told, Tool } from '../../../src/judge/tools/tool.ts';
import type { EvidenceSource, Fact } from '../../../src/model/inquiry.ts';

const schema = z.object({
  domain: z.string().min(1).max(260).describe('the domain'),
  deep: z.boolean().default(false),
});
type Ask = (args: z.infer<typeof schema>, signal: AbortSignal) => Promise<Told>;

/** A small real tool that does what a test says, and may be asked about anything. */
export function tool(
  name: ToolName,
  ask: Ask,
  { limitMs = 5_000, source = 'registry' }: Partial<Pick<Tool, 'limitMs' | 'source'>> = {},
): Tool<typeof schema> {
  const what = { name, source, description: `Asks ${name}.`, args: schema, limitMs };
  return {
    ...what,
    hostOf: (_args, { host }) => host,
    ask: (_host, args, _context, signal) => ask(args, signal),
  };
}

/** A tool that always tells the same. */
export const telling = (
  name: ToolName,
  source: EvidenceSource,
  text: string,
  facts: readonly Fact[] = [],
): Tool => tool(name, async () => ({ lines: [text], facts }), { source });

/** A tool that ends only when it must. */
export const waiting = (name: ToolName, limitMs: number): Tool =>
  tool(
    name,
    (_args, signal) =>
      new Promise((resolve) => {
        const end = (): void => resolve({ failed: `${name} heard the signal` });
        if (signal.aborted) end();
        else signal.addEventListener('abort', end, { once: true });
      }),
    { limitMs },
  );

/** A tool that never ends, not even by its signal. */
export const deaf = (name: ToolName, limitMs: number): Tool =>
  tool(name, () => new Promise(() => {}), { limitMs });

/** A tool that takes whatever it is called with, and tells what it is given now. */
export const saying = (
  name: ToolName,
  source: EvidenceSource,
  words: () => string,
  facts: () => readonly Fact[] = () => [],
): Tool => ({
  ...tool(name, async () => ({ lines: [words()], facts: facts() }), { source }),
  args: z.object({}),
});
