import { FIGURES, type Figure } from './measure.ts';
import type { Results } from './results.ts';
import type { SubjectName } from './subject.ts';

interface Target {
  readonly figure: Figure;
  /** Null: the figure itself. */
  readonly by: SubjectName | null;
  readonly is: '≥' | '≤';
  readonly limit: number;
}

/** What a target asked for and what came out. `met` is null when it was not measured. */
export interface Outcome extends Target {
  readonly text: string;
  readonly value: number | null;
  readonly met: boolean | null;
}

const atLeast = (figure: Figure, limit: number, by: SubjectName | null): Target => ({
  figure,
  by,
  is: '≥',
  limit,
});
const atMost = (figure: Figure, limit: number, by: SubjectName | null): Target => ({
  figure,
  by,
  is: '≤',
  limit,
});

const TARGETS: readonly Target[] = [
  ...(['bulk8', 'bulk64'] as const).flatMap((figure) => [
    atLeast(figure, 0.9, 'c-splice'),
    atLeast(figure, 1.5, 'haproxy'),
    atLeast(figure, 1.5, 'nginx'),
    atLeast(figure, 1.5, 'sniproxy'),
    atLeast(figure, 0.95, 'haproxy-splice'),
  ]),
  ...(['cpu8', 'cpu64'] as const).flatMap((figure) => [
    // 0.32 s/GB where the C program takes 0.27.
    atMost(figure, 0.32 / 0.27, 'c-splice'),
    atMost(figure, 1 / 1.5, 'haproxy'),
    atMost(figure, 1 / 1.5, 'nginx'),
  ]),
  atMost('connectP50', 1.3, 'haproxy'),
  atMost('connectP99', 2, 'haproxy'),
  atLeast('perSecond', 0.7, 'haproxy'),
  atMost('idleKb', 4, null),
  atMost('stalledKb', 64, null),
  atMost('decisionP50', 5, null),
  atMost('decisionP99', 50, null),
  atMost('startMs', 400, null),
];

/** Holds the firewall's figures against the targets of the whole engine. */
export function outcomes(results: Results): Outcome[] {
  return TARGETS.map((target) => {
    const { figure, by, is, limit } = target;
    const value =
      by === null ? results.median('resolagent', figure) : results.ratio('resolagent', by, figure);
    const text = by === null ? FIGURES[figure] : `${FIGURES[figure]}, by ${by}`;
    const met = value === null ? null : is === '≥' ? value >= limit : value <= limit;
    return { ...target, text, value, met };
  });
}
