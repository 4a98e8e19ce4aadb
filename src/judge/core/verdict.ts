import { cleanText } from '../../model/clean.ts';
import type { Mark, Outcome, ToolResult } from '../../model/inquiry.ts';
import type { ModelReply } from './model.ts';

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

/** What becomes of a verdict. */
export interface Acceptance {
  readonly outcome: Outcome;
  /** Those that it adds to an inquiry that ends with it. */
  readonly marks: readonly Mark[];
  /** What the model may be told once, so that it can do better; null where that is the end. */
  readonly tell: string | null;
}

/** Why a verdict may not stand. */
interface Refusal {
  /** For a person. */
  readonly text: string;
  readonly mark: Mark['kind'] | null;
  /** For the model. */
  readonly tell: string | null;
}

/** Whether a model's verdict may stand: never an allow against the scores or on orders, and nothing without real evidence. */
export function acceptVerdict(reply: VerdictReply, grounds: Grounds): Acceptance {
  const { verdict, reasons } = reply;
  const evidence = reply.evidence.filter((cited) => grounds.evidence.some(({ id }) => id === cited));
  const refusal = verdict === 'unsure' ? null : refusalOf(verdict, reply.evidence, grounds);
  if (refusal === null) {
    const told = reasons.length === 0 ? ['the model gave no reason'] : reasons;
    return { outcome: { kind: verdict, why: 'judged', reasons: told, evidence }, marks: [], tell: null };
  }
  const { text, mark, tell } = refusal;
  const why = verdict === 'allow' ? 'allow_refused' : 'block_refused';
  return {
    outcome: { kind: 'unsure', why, reasons: [text, ...reasons], evidence },
    marks: mark === null ? [] : [{ kind: mark, evidence: null, text }],
    tell,
  };
}

function refusalOf(
  verdict: 'allow' | 'block',
  cited: readonly string[],
  { evidence, pastBlock, isOrdered }: Grounds,
): Refusal | null {
  if (verdict === 'allow' && pastBlock) {
    const text = 'the model allowed a name that the scores put past the block threshold';
    return { text, mark: 'past_block_threshold', tell: null };
  }
  if (verdict === 'allow' && isOrdered) {
    const text = 'the model allowed a name after it read text that gives it orders';
    return { text, mark: null, tell: null };
  }
  const ids = evidence.map(({ id, tool }) => `${id} (${tool})`).join(', ') || 'none yet; call a tool first';
  const unknown = cited.filter((one) => !evidence.some(({ id }) => id === one));
  if (unknown.length > 0) {
    const text = cleanText(`the model's ${verdict} cites what no tool returned: ${unknown.join(', ')}`);
    return { text, mark: 'unknown_evidence', tell: `It cites evidence that no tool returned. Ids: ${ids}.` };
  }
  if (cited.length === 0) {
    const text = `the model's ${verdict} cites no evidence`;
    return { text, mark: 'unknown_evidence', tell: `It must cite the ids of results. Ids: ${ids}.` };
  }
  const isPage = ({ id, source }: ToolResult): boolean => source === 'page' || !cited.includes(id ?? '');
  if (verdict === 'allow' && evidence.every(isPage)) {
    const text = "the model's allow rests on nothing but the page itself";
    const tell = `An allow needs evidence that is not the page itself. Ids: ${ids}.`;
    return { text, mark: 'page_only', tell };
  }
  return null;
}
