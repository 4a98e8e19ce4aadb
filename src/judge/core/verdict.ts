import { cleanText } from '../../model/clean.ts';
import type { Mark, Outcome, ToolResult } from '../../model/inquiry.ts';
import { speaksFor } from './facts.ts';
import type { ModelReply } from './model.ts';

type VerdictReply = Extract<ModelReply, { kind: 'verdict' }>;

/** What a verdict is held against. */
export interface Grounds {
  /** Results with an id. */
  readonly evidence: readonly ToolResult[];
  /** The scores put the name past a block threshold. */
  readonly pastBlock: boolean;
  /** What our own tables say for the name; null when they do not know it. */
  readonly listed: string | null;
  /** Something the model read speaks to it, or of verdicts. */
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

/**
 * Whether a model's verdict may stand: never an allow against the scores or on orders, and nothing without real evidence. An allow must
 * rest on what speaks for the name and was not written by its owner: a result that it cites and that holds a fact for the name, with
 * none against it anywhere, or a place on our own tables. What the model makes of the results counts for nothing there.
 */
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
  { evidence, pastBlock, listed, isOrdered }: Grounds,
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
  return verdict === 'allow' && listed === null ? refusalOfFacts(evidence, cited, ids) : null;
}

/** Why an allow may not stand by the facts of the results. */
function refusalOfFacts(
  evidence: Grounds['evidence'],
  cited: readonly string[],
  ids: string,
): Refusal | null {
  const against = evidence.flatMap(({ facts }) => facts).find(({ leans }) => leans === 'against');
  if (against !== undefined) {
    return {
      text: `the model allowed a name against what was found: ${against.text}`,
      mark: null,
      tell: null,
    };
  }
  const grounds = evidence.filter(({ id }) => id !== null && cited.includes(id));
  if (grounds.some(speaksFor)) return null;
  const tell = `It must cite a result that speaks for the name and that its owner cannot write: a registration of more than a year (WHOIS), or VIRUSTOTAL where it can be asked. Page, DNS, certificate and HISTORY never suffice. Ids: ${ids}.`;
  return grounds.every(({ source }) => source === 'page')
    ? { text: "the model's allow rests on nothing but the page itself", mark: 'page_only', tell }
    : {
        text: "the model's allow cites nothing that speaks for the name and that its owner cannot write",
        mark: null,
        tell,
      };
}
