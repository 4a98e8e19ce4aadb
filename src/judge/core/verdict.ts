import { cleanText } from '../../model/clean.ts';
import type { JudgeKind, Mark, Outcome, OutcomeWhy, ToolResult } from '../../model/inquiry.ts';
import type { ModelReply } from './model.ts';

const REASONS_MAX = 5;

type VerdictReply = Extract<ModelReply, { kind: 'verdict' }>;

/** What a verdict is held against. */
export interface Grounds {
  /** Results with an id. */
  readonly evidence: readonly ToolResult[];
  /** The scores put the name past a block threshold. */
  readonly pastBlock: boolean;
  /** Something the model read gives orders to it. */
  readonly isOrdered: boolean;
}

/** An end, with the marks that it adds. */
export interface Ending {
  readonly outcome: Outcome;
  readonly marks: readonly Mark[];
}

/** What becomes of a verdict. `repairable`: the model may be told once; `ending` is what holds otherwise. */
export type Acceptance =
  | { readonly kind: 'final'; readonly ending: Ending }
  | { readonly kind: 'repairable'; readonly tell: string; readonly ending: Ending };

/** Whether a model's verdict may stand: never an allow against the scores or on orders, and nothing without real evidence. */
export function acceptVerdict(reply: VerdictReply, grounds: Grounds): Acceptance {
  const cited = citations(reply.evidence, grounds.evidence);
  const settle = (kind: JudgeKind, why: OutcomeWhy, first: string | null, ...marks: Mark[]): Ending => ({
    outcome: { kind, why, reasons: reasonsOf(reply, first), evidence: cited.known.map(({ id }) => id ?? '') },
    marks,
  });
  if (reply.verdict === 'unsure') return { kind: 'final', ending: settle('unsure', 'judged', null) };
  const refused: OutcomeWhy = reply.verdict === 'allow' ? 'allow_refused' : 'block_refused';
  if (reply.verdict === 'allow' && grounds.pastBlock) {
    const text = 'the model allowed a name that the scores put past the block threshold';
    const mark: Mark = { kind: 'past_block_threshold', evidence: null, text };
    return { kind: 'final', ending: settle('unsure', refused, text, mark) };
  }
  if (reply.verdict === 'allow' && grounds.isOrdered) {
    const text = 'the model allowed a name after it read text that gives it orders';
    return { kind: 'final', ending: settle('unsure', refused, text) };
  }
  const lack = lackOf(reply.verdict, cited, grounds.evidence);
  if (lack === null) return { kind: 'final', ending: settle(reply.verdict, 'judged', null) };
  const mark: Mark = { kind: lack.mark, evidence: null, text: lack.text };
  return { kind: 'repairable', tell: lack.tell, ending: settle('unsure', refused, lack.text, mark) };
}

interface Citations {
  readonly known: readonly ToolResult[];
  /** Citations of nothing that exists, cleaned. */
  readonly unknown: readonly string[];
}

interface Lack {
  readonly mark: Mark['kind'];
  /** For a person. */
  readonly text: string;
  /** For the model. */
  readonly tell: string;
}

function lackOf(
  kind: 'allow' | 'block',
  { known, unknown }: Citations,
  all: readonly ToolResult[],
): Lack | null {
  const ids = all.map(({ id, tool }) => `${id} (${tool})`).join(', ') || 'none yet; call a tool first';
  if (unknown.length > 0) {
    const text = cleanText(`the model's ${kind} cites what no tool returned: ${unknown.join(', ')}`);
    return { mark: 'unknown_evidence', text, tell: `It cites evidence that no tool returned. Ids: ${ids}.` };
  }
  if (known.length === 0) {
    const text = `the model's ${kind} cites no evidence`;
    return { mark: 'unknown_evidence', text, tell: `It must cite the ids of results. Ids: ${ids}.` };
  }
  if (kind === 'allow' && known.every(({ source }) => source === 'page')) {
    const text = "the model's allow rests on nothing but the page itself";
    const tell = `An allow needs evidence that is not the page itself. Ids: ${ids}.`;
    return { mark: 'page_only', text, tell };
  }
  return null;
}

/** "E1", "[e1]", "E1 (WHOIS)" and "E1, E2" are all read; each id is looked up, and a citation without one is unknown. */
function citations(written: readonly string[], evidence: readonly ToolResult[]): Citations {
  const known = new Set<ToolResult>();
  const unknown = new Set<string>();
  for (const text of written) {
    const ids = text.match(/(?<![a-z0-9])e\d+(?![a-z0-9])/gi) ?? [];
    if (ids.length === 0) unknown.add(cleanText(text, 40));
    for (const id of ids) {
      const result = evidence.find((one) => one.id === id.toUpperCase());
      if (result === undefined) unknown.add(id.toUpperCase().slice(0, 40));
      else known.add(result);
    }
  }
  return { known: [...known], unknown: [...unknown] };
}

function reasonsOf(reply: VerdictReply, first: string | null): readonly string[] {
  const said = reply.reasons.map((reason) => cleanText(reason.trim())).filter((reason) => reason !== '');
  const all = first === null ? said : [first, ...said];
  return all.length === 0 ? ['the model gave no reason'] : all.slice(0, REASONS_MAX);
}
