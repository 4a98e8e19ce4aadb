import type { FlowRecord } from '../../src/model/flow.ts';
import { assertNever } from '../../src/model/never.ts';
import type { Explanation, StepReport } from '../../src/schema/explanation.ts';
import { scoreBar } from '../draw/score-bar.ts';
import { clean, cutLine, fit, type Line, type Segment, seg, type Tone, wrap } from '../draw/text.ts';
import type { Explained } from '../snapshot.ts';
import { describeVerdict, effectSign, targetLabel, verdictWord, WORD_TONES } from './describe.ts';
import { factLines } from './fact-lines.ts';
import { STAGE_WORDS } from './words.ts';

/** Most lines that one evidence sentence takes. */
const EVIDENCE_MAX_LINES = 4;
const EVIDENCE_MAX_CHARS = 400;
const STEP_CELLS = 19;
const OUTCOME_CELLS = 12;
/** From here on a losing step's evidence stands beside it. */
const WIDE_COLUMNS = 64;

type Evidence = StepReport['evidence'][number];

/** Why a connection was decided so, as lines of at most `columns` cells: the verdict, every step, then the facts. */
export function breakdownLines(
  flow: FlowRecord,
  explained: Explained | undefined,
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
  const told = wrap(describeVerdict(flow), columns, 2).map((text): Line => [seg(text)]);
  return [head, ...told];
}

/** Whose the name is, where the provider lists tell. */
function ownerLines(explained: Explained | undefined): readonly Line[] {
  const owner = explained?.state === 'ready' ? explained.explanation.owner : null;
  return owner === null ? [] : [[seg(`${clean(owner.name, 60)} · ${clean(owner.kind, 20)}`, 'info')]];
}

function stepSection(flow: FlowRecord, explained: Explained | undefined, columns: number): readonly Line[] {
  if (explained === undefined || explained.state === 'loading')
    return [[seg('asking the engine for the steps…', 'dim')]];
  if (explained.state === 'failed') {
    return [
      [seg(`the engine could not say: ${explained.error}`, 'bad')],
      ...evidenceLines(flow.verdict.evidence, columns),
    ];
  }
  const { explanation } = explained;
  return [
    ...changedLines(flow, explanation),
    ...explanation.steps.flatMap((step, at) => stepLines(step, numberOf(explanation.steps, at), columns)),
  ];
}

/** The steps are those of now: says so when they would end otherwise than they did. */
function changedLines(flow: FlowRecord, now: Explanation): readonly Line[] {
  const same = now.verdict.kind === flow.verdict.kind && now.verdict.stage === flow.verdict.stage;
  if (same) return [];
  const word = now.verdict.kind === 'ask' ? 'undecided' : now.verdict.kind.toUpperCase();
  return [
    [
      seg(
        `decided anew it would be: ${word}, by ${STAGE_WORDS[now.verdict.stage]}; rules or lists changed since`,
        'warn',
      ),
    ],
  ];
}

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
  const indent = STEP_CELLS + OUTCOME_CELLS;
  const texts = step.evidence.flatMap((item) =>
    wrap(evidenceText(item), columns - indent, EVIDENCE_MAX_LINES),
  );
  const [first = '', ...rest] = texts;
  const spaces = seg(' '.repeat(indent));
  return [[...head, seg(first, 'dim')], ...rest.map((text): Line => [spaces, seg(text, 'dim')])];
}

/** What a step said, at least `OUTCOME_CELLS` wide. */
function outcomeOf(step: StepReport): Segment {
  const verb = step.kind === null ? '' : ` ${step.kind.toUpperCase()}`;
  switch (step.outcome) {
    case 'won':
      return seg(`DECIDED${verb}`, toneOf(step));
    case 'would':
      return seg(`would${verb}`.padEnd(OUTCOME_CELLS), 'plain');
    case 'passed':
      return seg('passed'.padEnd(OUTCOME_CELLS), 'dim');
    case 'off':
      return seg('off'.padEnd(OUTCOME_CELLS), 'dim');
    default:
      return assertNever(step.outcome);
  }
}

function toneOf(step: StepReport): Tone {
  if (step.kind === 'allow') return 'ok';
  return step.kind === 'block' ? 'bad' : 'info';
}

function evidenceLines(
  evidence: readonly Evidence[],
  columns: number,
  tone: Tone = 'plain',
): readonly Line[] {
  return evidence.flatMap((item) =>
    wrap(evidenceText(item), columns - 5, EVIDENCE_MAX_LINES).map(
      (part, index): Line => [seg(index === 0 ? '   · ' : '     ', 'dim'), seg(part, tone)],
    ),
  );
}

function evidenceText(item: Evidence): string {
  if (item.kind !== 'score') return clean(item.text, EVIDENCE_MAX_CHARS);
  return clean(`${scoreBar(item.signal, item.value)}${item.text}`, EVIDENCE_MAX_CHARS);
}
