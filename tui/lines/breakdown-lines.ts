import type { FlowRecord, Stage } from '../../src/model/flow.ts';
import type { Explanation, StepReport } from '../../src/schema/explanation.ts';
import { scoreBar } from '../draw/score-bar.ts';
import {
  clean,
  cutLine,
  fit,
  hang,
  type Line,
  type Segment,
  seg,
  type Tone,
  wrapLines,
} from '../draw/text.ts';
import type { Loaded } from '../state/loaded.ts';
import { describeVerdict, effectSign, targetLabel, verdictWord, WORD_TONES } from '../words/flow.ts';
import { STAGE_WORDS } from '../words/reasons.ts';
import { factLines } from './fact-lines.ts';

/** Most lines that one evidence sentence takes. */
const EVIDENCE_MAX_LINES = 4;
const EVIDENCE_MAX_CHARS = 400;
const STEP_CELLS = 19;
const OUTCOME_CELLS = 12;
/** From here on a losing step's evidence stands beside it. */
const WIDE_COLUMNS = 64;

const KIND_TONES = { allow: 'ok', block: 'bad', ask: 'info' } as const;

type Evidence = StepReport['evidence'][number];

/** Why a connection was decided so, as lines of at most `columns` cells: the verdict, every step, then the facts. */
export function breakdownLines(
  flow: FlowRecord,
  explained: Loaded<Explanation>,
  now: number,
  columns: number,
): readonly Line[] {
  const lines: Line[] = [
    ...verdictLines(flow, columns),
    ...ownerLines(explained),
    [],
    ...stepSection(flow, explained, columns),
    [],
    ...factLines(flow, now, columns),
  ];
  return lines.map((line) => cutLine(line, columns));
}

function verdictLines(flow: FlowRecord, columns: number): readonly Line[] {
  const word = verdictWord(flow);
  const head: Line = [
    seg(`${effectSign(flow)} ${word}`, WORD_TONES[word]),
    seg(`  ${targetLabel(flow)}`, 'strong'),
    seg(` port ${flow.target.port}`),
  ];
  return [head, ...wrapLines(describeVerdict(flow), columns, 'plain', 2)];
}

/** Whose the name is, where the provider lists tell. */
function ownerLines({ value }: Loaded<Explanation>): readonly Line[] {
  const owner = value?.owner ?? null;
  return owner === null ? [] : [[seg(`${clean(owner.name, 60)} · ${clean(owner.kind, 20)}`, 'info')]];
}

function stepSection(
  flow: FlowRecord,
  { value, error }: Loaded<Explanation>,
  columns: number,
): readonly Line[] {
  if (error !== null)
    return [
      [seg(`the engine could not say: ${error}`, 'bad')],
      ...evidenceLines(flow.verdict.evidence, columns),
    ];
  if (value === null) return [[seg('asking the engine for the steps…', 'dim')]];
  return [
    ...changedLines(flow, value.steps),
    ...value.steps.flatMap((step, at) => stepLines(step, numberOf(value.steps, at), columns)),
  ];
}

/** The steps are those of now: says so where they end otherwise than they did. A guard, or an answer, was for that connection alone. */
function changedLines({ verdict }: FlowRecord, steps: Explanation['steps']): readonly Line[] {
  const winner = steps.find((step) => step.outcome === 'won');
  if (winner === undefined || winner.kind === verdict.kind || ONE_TIME_STAGES.has(verdict.stage)) return [];
  const word = winner.kind === 'ask' ? 'undecided' : (winner.kind ?? 'nothing').toUpperCase();
  const text = `decided anew it would be: ${word}, by ${STAGE_WORDS[winner.stage]}; rules or lists changed since`;
  return [[seg(text, 'warn')]];
}

const ONE_TIME_STAGES: ReadonlySet<string> = new Set<Stage>(['accept', 'name', 'cache', 'judge', 'person']);

/** The ten steps bear numbers; the two rows that look after them bear none. */
function numberOf(steps: Explanation['steps'], at: number): string {
  const isStep = ({ stage }: StepReport): boolean => stage !== 'unreadable' && stage !== 'answered';
  const step = steps[at];
  return step !== undefined && isStep(step) ? String(steps.slice(0, at + 1).filter(isStep).length) : '';
}

function stepLines(step: StepReport, number: string, columns: number): readonly Line[] {
  const isWinner = step.outcome === 'won';
  const label = fit(`${number.padStart(2)} ${STAGE_WORDS[step.stage]}`, STEP_CELLS);
  const head: Line = [seg(label, isWinner ? 'strong' : 'plain'), outcomeOf(step)];
  if (isWinner || columns < WIDE_COLUMNS) {
    return [head, ...evidenceLines(step.evidence, columns, isWinner ? 'plain' : 'dim')];
  }
  // A losing step takes one line where its evidence fits beside it.
  const indent = [seg(' '.repeat(STEP_CELLS + OUTCOME_CELLS))];
  const lines = step.evidence.flatMap((item, index) =>
    hang(index === 0 ? head : indent, evidenceText(item), columns, 'dim', EVIDENCE_MAX_LINES),
  );
  return lines.length > 0 ? lines : [head];
}

/** What a step said, at least `OUTCOME_CELLS` wide. */
function outcomeOf({ outcome, kind }: StepReport): Segment {
  const verb = kind === null ? '' : ` ${kind.toUpperCase()}`;
  if (outcome === 'won') return seg(`DECIDED${verb}`, kind === null ? 'info' : KIND_TONES[kind]);
  if (outcome === 'would') return seg(`would${verb}`.padEnd(OUTCOME_CELLS));
  return seg(outcome.padEnd(OUTCOME_CELLS), 'dim');
}

function evidenceLines(
  evidence: readonly Evidence[],
  columns: number,
  tone: Tone = 'plain',
): readonly Line[] {
  const mark = [seg('   · ', 'dim')];
  return evidence.flatMap((item) => hang(mark, evidenceText(item), columns, tone, EVIDENCE_MAX_LINES));
}

function evidenceText(item: Evidence): string {
  if (item.kind !== 'score') return clean(item.text, EVIDENCE_MAX_CHARS);
  return clean(`${scoreBar(item.signal, item.value)}${item.text}`, EVIDENCE_MAX_CHARS);
}
