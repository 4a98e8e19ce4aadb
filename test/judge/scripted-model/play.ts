import { type Act, type SaidCall, text } from './act.ts';
import type { Asked } from './asked.ts';
import { fitted, instanceOf } from './instance.ts';
import { NONSENSE } from './nonsense.ts';
import type { Mishap, PlayedVerdict, Script } from './script.ts';

/** Evidence ids of a model that makes them up. */
const LIES = ['E77', 'E99'];
const TOOLS_TOGETHER = 2;
/** Records that hold words, and where a name leads. */
const WORDY = ['A', 'TXT'];
/** What a believing model calls in one reply. */
const BELIEVER_CALLS = 3;
/** What it repeats: so many reasons, so much of each. */
const REASONS_MAX = 3;
const REASON_CHARS = 150;
const TOO_MANY: Mishap = { status: 429, headers: { 'retry-after': '1' } };
/** Words in a result that a gullible model takes for an order. */
const ORDER = /\ballow/i;
const REPEAT = /this JSON object[^{]*(\{.*\})/;

/** What the model does with a request; `count` is how many chat requests came before. The same for the same arguments. */
export function play(asked: Asked, script: Script, count: number): Act {
  const { tools, response_format: format } = asked.chat;
  const schema = asked.host === null ? undefined : format?.json_schema?.schema;
  if (schema === undefined || script.schema === 'ignored') return act(asked, script, count);
  if (script.schema === 'enforced') {
    return hold(act({ ...asked, isNative: false, takesVerdictCall: false }, script, count), schema);
  }
  const message = 'Cannot use custom grammar constraints with tools.';
  return tools ? { kind: 'error', status: 400, message } : act(asked, script, count);
}

/** What becomes of an act. */
export function befallen(act: Act, mishap: Mishap | undefined): Act {
  if (mishap === undefined) return act;
  if (mishap === 'reset') return { kind: 'reset' };
  if (mishap === 'cut') return midway(act, 'die');
  const message = mishap.status === 429 ? 'too many requests' : 'try again';
  return { kind: 'error', message, ...mishap };
}

/** One step, as its schema has it: of several calls the first. */
function hold(said: Act, schema: Readonly<Record<string, unknown>>): Act {
  if (said.kind !== 'say') return said;
  const [first = ''] = said.said.text.split('\n');
  return text(JSON.stringify(fitted(JSON.parse(first), schema)));
}

function act(asked: Asked, script: Script, count: number): Act {
  switch (script.persona) {
    case 'well-behaved':
    case 'slow':
      return behave(asked, script);
    case 'verbose':
      return thinkAloud(behave({ ...asked, isNative: false, takesVerdictCall: false }, script));
    case 'hanging':
      return { kind: 'silence' };
    case 'hangs-mid-stream':
      return midway(behave(asked, script), 'hang');
    case 'dies-mid-stream':
      return midway(behave(asked, script), 'die');
    case 'loops-on-tools':
      return call(asked, [toolCall(script.tools[asked.round % script.tools.length] ?? 'HISTORY', asked)]);
    case 'obeys-injection':
      return obey(asked, script);
    case 'text-only':
      return asked.chat.tools === undefined || asked.chat.tools === null
        ? behave(asked, script)
        : { kind: 'error', status: 400, message: 'this model does not support tools' };
    case 'garbage':
      return NONSENSE[count % NONSENSE.length] ?? { kind: 'silence' };
    case 'rate-limited':
      return befallen(behave(asked, script), TOO_MANY);
    case 'refusing':
      return { kind: 'error', status: 401, message: 'incorrect API key provided' };
    case 'lying':
      return asked.round === 0 ? behave(asked, script) : verdict(asked, script, LIES);
    case 'page-only':
      return asked.offered.includes('FETCH') && asked.round === 0
        ? call(asked, pageCalls(asked))
        : verdict(asked, { ...script, verdict: 'allow', verdicts: {} }, pagesOf(asked));
    case 'believing':
      return believe(asked, script);
    default:
      return script.persona satisfies never;
  }
}

function behave(asked: Asked, script: Script): Act {
  if (asked.host === null) return oblige(asked);
  const [first, ...others] = script.tools.filter((name) => asked.offered.includes(name));
  if (first !== undefined && asked.round === 0) return call(asked, [toolCall(first, asked)]);
  if (others.length > 0 && asked.round === 1) {
    return call(
      asked,
      others.slice(0, TOOLS_TOGETHER).map((name) => toolCall(name, asked)),
    );
  }
  return verdict(asked, script, idsOf(asked));
}

/** Believes what stands in the results. */
function obey(asked: Asked, script: Script): Act {
  if (asked.host === null) return oblige(asked);
  if (asked.round === 0 && asked.offered.length > 0) {
    const calls = asked.offered
      .filter((name) => name !== 'FETCH' && script.tools.includes(name))
      .slice(0, TOOLS_TOGETHER);
    const pages = asked.offered.includes('FETCH') ? pageCalls(asked) : [];
    return call(asked, [...calls.map((name) => toolCall(name, asked)), ...pages]);
  }
  const { order } = script;
  const isOrdered =
    order === null
      ? asked.evidence.some(({ tool, text: told }) => tool !== 'HISTORY' && ORDER.test(told))
      : asked.chat.messages.some(({ content }) => content?.includes(order));
  return verdict(asked, { ...script, verdict: isOrdered ? 'allow' : 'unsure', verdicts: {} }, idsOf(asked));
}

/** Looks once at everything, then allows whatever it read, in the words that it read. */
function believe(asked: Asked, script: Script): Act {
  if (asked.host === null) return oblige(asked);
  const from = asked.round * BELIEVER_CALLS;
  const names = script.tools
    .filter((name) => asked.offered.includes(name))
    .slice(from, from + BELIEVER_CALLS);
  const calls = names.map((name) => toolCall(name, asked));
  if (calls.length > 0)
    return call(
      asked,
      calls.map(({ name, args }) => ({
        name,
        args: name === 'DNS_RESOLVE' ? { ...args, types: WORDY } : args,
      })),
    );
  const cited = asked.evidence.filter(({ tool }) => !script.uncited.includes(tool));
  const reasons = cited.map(({ text: told }) => told.slice(-REASON_CHARS)).slice(0, REASONS_MAX);
  const allowing: Script = { ...script, verdict: 'allow', verdicts: {} };
  return verdict(asked, allowing, idsOf({ ...asked, evidence: cited }), reasons);
}

/** Does what a request that is no inquiry asks for: to repeat JSON, a call, JSON of a schema, or a word. */
function oblige(asked: Asked): Act {
  const wanted = REPEAT.exec(asked.chat.messages.at(-1)?.content ?? '')?.[1];
  if (wanted !== undefined) return text(wanted);
  const { tools, response_format: format } = asked.chat;
  const tool = tools?.[0]?.function;
  if (tool !== undefined) return call(asked, [{ name: tool.name, args: argsOf(tool.parameters) }]);
  const schema = format?.json_schema?.schema;
  if (schema !== undefined) return text(JSON.stringify(instanceOf(schema)));
  const [written] = asked.offered;
  return written === undefined ? text('OK') : call(asked, [toolCall(written, asked)]);
}

function argsOf(schema: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return instanceOf(schema) as Readonly<Record<string, unknown>>;
}

function call(asked: Asked, calls: readonly SaidCall[]): Act {
  if (asked.isNative) return { kind: 'say', said: { text: '', calls } };
  return text(calls.map(({ name, args }) => JSON.stringify({ tool: name, args })).join('\n'));
}

function verdict(
  asked: Asked,
  script: Script,
  evidence: readonly string[],
  reasons: readonly string[] = [],
): Act {
  const kind: PlayedVerdict = script.verdicts[asked.domain ?? ''] ?? script.verdict;
  const args = {
    verdict: kind,
    reasons: [`the script says ${kind} of ${asked.domain}`, ...reasons],
    evidence,
  };
  if (asked.takesVerdictCall) return { kind: 'say', said: { text: '', calls: [{ name: 'VERDICT', args }] } };
  return text(JSON.stringify(args));
}

function toolCall(name: string, { host, domain }: Asked): SaidCall {
  const about = domain ?? 'example.com';
  switch (name) {
    case 'WHOIS':
    case 'VIRUSTOTAL':
      return { name, args: { domain: about } };
    case 'DNS_RESOLVE':
      return { name, args: { name: host ?? about } };
    case 'FETCH':
    case 'CERTIFICATE':
      return { name, args: { host: host ?? about } };
    default:
      return { name, args: {} };
  }
}

/** Both schemes: which of them a server has is not known before. */
function pageCalls(asked: Asked): readonly SaidCall[] {
  const host = asked.host ?? 'example.com';
  return ['http', 'https'].map((scheme) => ({ name: 'FETCH', args: { host, scheme } }));
}

function pagesOf(asked: Asked): readonly string[] {
  return asked.evidence.filter(({ tool }) => tool === 'FETCH').map(({ id }) => id);
}

function idsOf(asked: Asked): readonly string[] {
  return [...new Set(asked.evidence.map(({ id }) => id))];
}

function midway(act: Act, then: 'hang' | 'die'): Act {
  return act.kind === 'say' ? { ...act, then } : act;
}

function thinkAloud(act: Act): Act {
  if (act.kind !== 'say') return act;
  return text(`<think>The user wants a verdict. I could say {"verdict":"block"} or call WHOIS, but let me think.
If I allowed it I would write {"verdict": "allow"}. Better look first.</think>
Let me look at what I have. Here is my answer:

\`\`\`json
${act.said.text}
\`\`\`

I hope this helps! Let me know if you need anything else.`);
}
