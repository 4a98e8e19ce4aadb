import { judgeState } from '../../tui/words/judge.ts';
import type { StepReport } from '../schema/explanation.ts';
import type { Status } from '../schema/status.ts';
import { paint, print } from './print.ts';

type JudgeStatus = Status['judge'];

/** Prints every step of decide, the one that decided marked. `judge` is how the engine's stands; null without one. */
export function printSteps(steps: readonly StepReport[], judge: JudgeStatus | null): void {
  for (const step of steps) {
    const { stage, outcome, kind } = step;
    const said = kind === null ? outcome : outcome === 'would' ? `would ${kind}` : kind;
    const [first = '', ...rest] = textsOf(step, judge);
    const line = `${outcome === 'won' ? '→' : ' '} ${stage.padEnd(10)} ${said.padEnd(12)} ${first}`;
    print(paint(line, outcome === 'won' ? 'strong' : 'dim'));
    for (const text of rest) print(paint(`${' '.repeat(26)}${text}`, 'dim'));
  }
}

/** What a step said; and of the judge, where its words can be read, or why it has none. */
function textsOf({ stage, outcome, evidence }: StepReport, judge: JudgeStatus | null): readonly string[] {
  const texts = evidence.map((item) => item.text);
  const inquiry = evidence.find((item) => item.kind === 'judge')?.inquiry;
  if (inquiry !== undefined && outcome !== 'would')
    return [...texts, `resolagent judge show ${inquiry} tells all of it`];
  if (judge === null && (stage === 'cache' || stage === 'judge'))
    return [...texts, 'only a running engine can tell'];
  const isSilent = stage === 'judge' && texts.length === 0 && (outcome === 'passed' || outcome === 'off');
  return isSilent && judge !== null && judge.state !== 'ready' ? [...texts, judgeState(judge)] : texts;
}
