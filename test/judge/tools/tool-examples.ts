import { z } from 'zod';
import type { ToolName } from '../../../src/judge/core/model.ts';
import type { Tool, ToolContext, ToolOutcome } from '../../../src/judge/tools/tool.ts';
import type { EvidenceSource } from '../../../src/model/inquiry.ts';

const schema = z.object({
  domain: z.string().min(1).max(260).describe('the domain'),
  deep: z.boolean().default(false),
});
type Run = (args: z.infer<typeof schema>, context: ToolContext, signal: AbortSignal) => Promise<ToolOutcome>;

/** A small real tool that does what a test says. */
export function tool(name: ToolName, run: Run, limitMs = 5_000): Tool<typeof schema> {
  return { name, description: `Asks ${name}.`, args: schema, limitMs, run };
}

/** A tool that always tells the same. */
export const telling = (name: ToolName, source: EvidenceSource, text: string): Tool =>
  tool(name, async () => ({ kind: 'ok', source, text }));

/** A tool that ends only when it must. */
export const waiting = (name: ToolName, limitMs: number): Tool =>
  tool(
    name,
    (_args, _context, signal) =>
      new Promise((resolve) => {
        const end = (): void => resolve({ kind: 'failed', why: `${name} heard the signal` });
        if (signal.aborted) end();
        else signal.addEventListener('abort', end, { once: true });
      }),
    limitMs,
  );

/** A tool that never ends, not even by its signal. */
export const deaf = (name: ToolName, limitMs: number): Tool =>
  tool(name, () => new Promise(() => {}), limitMs);

/** A tool that takes whatever it is called with, and tells what it is given now. */
export const saying = (name: ToolName, source: EvidenceSource, words: () => string): Tool => ({
  name,
  description: `Asks ${name}.`,
  args: z.object({}),
  limitMs: 5_000,
  run: async () => ({ kind: 'ok', source, text: words() }),
});
