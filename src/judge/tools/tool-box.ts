import { z } from 'zod';
import { Semaphore } from '../../async/semaphore.ts';
import { untilAbort } from '../../async/until-abort.ts';
import type { Host } from '../../model/brand.ts';
import { cleanText } from '../../model/clean.ts';
import { normalizeHost } from '../../model/host.ts';
import type { Inquiry, JudgeInput } from '../../model/inquiry.ts';
import { type CallResult, callKey, callResult, type ToolCall } from '../core/call.ts';
import type { ToolSpec } from '../core/model.ts';
import { findInstructions } from '../injection/instructions.ts';
import type { Told, Tool, ToolContext } from './tool.ts';

/** Tools of one inquiry that run at once. */
const AT_ONCE = 3;
/** How long after its limit a tool may still say itself that its time was over. */
const GRACE_MS = 250;
/** Names beyond the inquiry's own domain that tools may be asked about; what comes later is not learnt. */
const LEARNT_MAX = 64;
const ISSUES_MAX = 3;
const USUAL_LABELS = ['www', 'mail', '_dmarc'] as const;

/** What an inquiry calls its tools through. */
export interface ToolBox {
  /** The tools as a model is told of them. */
  readonly specs: readonly ToolSpec[];
  /** A result for each call, in order. Never rejects, and ends by the signal. */
  run(calls: readonly ToolCall[], context: ToolContext, signal: AbortSignal): Promise<readonly CallResult[]>;
}

/** The tools themselves: arguments checked, time limited, results cleaned, measured and searched for orders. */
export function toolBox(tools: readonly Tool[]): ToolBox {
  const run = async (call: ToolCall, context: ToolContext, signal: AbortSignal): Promise<CallResult> => {
    const tool = tools.find(({ name }) => name === call.tool);
    if (tool === undefined) {
      const names = tools.map(({ name }) => name).join(', ');
      return callResult(null, `There is no tool ${cleanText(call.tool, 40)}. The tools are ${names}.`);
    }
    const args = tool.args.safeParse(call.args);
    if (!args.success) return callResult(null, argsFault(args.error));
    const startedMs = performance.now();
    const told = await askTool(tool, args.data, context, signal);
    const ms = Math.round(performance.now() - startedMs);
    if ('failed' in told) return callResult(null, told.failed, ms, findInstructions(told.failed));
    const text = told.lines.join('\n');
    return callResult(tool.source, text, ms, findInstructions(text), told.facts);
  };
  return {
    specs: tools.map(specOf),
    run: (calls, context, signal) => {
      const places = new Semaphore(AT_ONCE);
      return Promise.all(calls.map((call) => places.run(() => run(call, context, signal))));
    },
  };
}

/** Answers calls from the results of a stored inquiry, without asking anybody; `tools` tell what the model may call. */
export function replayBox(inquiry: Inquiry, tools: readonly Tool[]): ToolBox {
  const keyOf = ({ tool: name, args }: ToolCall): string => {
    const known = tools.find((tool) => tool.name === name)?.args.safeParse(args);
    const parsed = known?.success === true ? known.data : args;
    return callKey({ tool: name, args: parsed }).toLowerCase();
  };
  const stored = new Map(
    inquiry.rounds
      .flatMap(({ results }) => results)
      .map(({ tool, args, source, text, facts, instructions }) => {
        const told = instructions ?? findInstructions(text);
        return [keyOf({ tool, args }), { source, text, facts, instructions: told, ms: 0 }] as const;
      }),
  );
  const missing = `This call was not recorded in inquiry ${inquiry.id}, which is replayed.`;
  return {
    specs: tools.map(specOf),
    run: async (calls) => calls.map((call) => stored.get(keyOf(call)) ?? callResult(null, missing)),
  };
}

/** What the tools of one inquiry share: which names they may be asked about. */
export function toolContext({ host, domain, app }: JudgeInput): ToolContext {
  const learnt = new Set<Host>();
  return {
    host,
    domain,
    app: { name: app.name, path: app.path },
    // No label of the model's own making: whoever runs the domain's name server reads every name that is asked for.
    mayAsk: (asked) => isOf(host, domain, asked) || learnt.has(asked),
    learn: (found) => {
      if (learnt.size < LEARNT_MAX) learnt.add(found);
    },
  };
}

/** The name itself, a parent of it down to its domain, or one that most domains have. */
function isOf(host: Host, domain: string, asked: Host): boolean {
  if (asked === host || (asked as string) === domain) return true;
  if (asked.endsWith(`.${domain}`) && host.endsWith(`.${asked}`)) return true;
  return USUAL_LABELS.some((label) => asked === `${label}.${domain}`);
}

function specOf({ name, description, args }: Tool): ToolSpec {
  const { $schema: _, ...parameters } = z.toJSONSchema(args, { io: 'input' });
  return { name, description, parameters };
}

/** The host that a call asks about; or why it is asked of nobody: it is none, or has nothing to do with the inquiry. */
export function askedHost(
  tool: Tool,
  args: Readonly<Record<string, unknown>>,
  context: ToolContext,
): { readonly host: Host } | { readonly failed: string } {
  const written = tool.hostOf(args, context);
  const host = normalizeHost(written);
  if (host === null)
    return { failed: `${cleanText(written)} is not a host name: give the name alone, without path` };
  return context.mayAsk(host) ? { host } : { failed: `${host} has nothing to do with this inquiry` };
}

/** One call within the tool's limit, whatever the tool does. */
async function askTool(
  tool: Tool,
  args: Readonly<Record<string, unknown>>,
  context: ToolContext,
  signal: AbortSignal,
): Promise<Told> {
  const asked = askedHost(tool, args, context);
  if ('failed' in asked) return asked;
  if (signal.aborted) return { failed: 'the time was over' };
  const within = (limitMs: number): AbortSignal => AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  try {
    const asking = tool.ask(asked.host, args, context, within(tool.limitMs));
    const told = await untilAbort(asking, within(tool.limitMs + GRACE_MS));
    return told ?? { failed: `${tool.name} did not answer in time` };
  } catch (error) {
    // Tools never throw: a fault of ours, which the transcript shows.
    return { failed: `${tool.name} broke: ${error instanceof Error ? error.message : 'unknown'}` };
  }
}

function argsFault(error: z.ZodError): string {
  const issues = error.issues
    .slice(0, ISSUES_MAX)
    .map(({ path, message }) => `${path.join('.')}: ${message}`);
  return cleanText(`The arguments do not fit: ${issues.join('; ')}`);
}
