import type { FileKind, Scored, ScoredFile, Timing } from './eval-data.ts';
import { auc, type Estimate, type RocPoint, rocCurve, share, tprAt } from './metrics.ts';

/** How one model tells a hostile set from an honest one. */
export interface Curve {
  readonly model: 'generated' | 'phishing';
  readonly hostile: string;
  readonly honest: string;
  readonly auc: Estimate;
  readonly tprAt5: Estimate;
  readonly tprAt1: Estimate;
  readonly tprAt01: Estimate;
  readonly roc: readonly RocPoint[];
}

/** What became of the names of one file, or of one family or source in it. */
export interface Rates {
  readonly file: string;
  readonly group: string | null;
  readonly kind: FileKind;
  readonly names: number;
  readonly block: Estimate;
  readonly escalate: Estimate;
  readonly standing: Readonly<Record<string, number>>;
}

/** The whole evaluation. */
export interface Report {
  readonly curves: readonly Curve[];
  readonly rates: readonly Rates[];
  readonly timing: Timing;
  readonly weightBytes: number;
}

const ROC_POINTS = 81;
/** Groups smaller than this get no line of their own: their interval would say nothing. */
const MIN_GROUP = 20;
const MAX_GROUPS = 60;

/** Curves of each hostile file and family against each honest file and all of them together. */
export function curvesOf(files: readonly ScoredFile[]): Curve[] {
  const honest = files.filter((file) => file.kind === 'honest');
  const sets = [
    ...honest.map((file) => ({ name: file.file, names: file.names })),
    { name: 'all honest', names: honest.flatMap((file) => file.names) },
  ];
  const curves: Curve[] = [];
  for (const file of files) {
    const model = file.kind === 'generated' || file.kind === 'phishing' ? file.kind : null;
    if (model === null) continue;
    for (const set of sets)
      if (set.names.length > 0) curves.push(curve(model, file.file, file.names, set.name, set.names));
    const reference = sets.find((set) => set.name === 'benign_domains') ?? sets.at(-1);
    if (reference === undefined || model !== 'generated') continue;
    for (const [group, names] of groupsOf(file)) {
      curves.push(curve(model, `${file.file}:${group}`, names, reference.name, reference.names));
    }
  }
  return curves;
}

function curve(
  model: 'generated' | 'phishing',
  hostile: string,
  bad: readonly Scored[],
  honest: string,
  good: readonly Scored[],
): Curve {
  const positive = Float64Array.from(bad, (name) => name[model]);
  const negative = Float64Array.from(good, (name) => name[model]);
  const tpr = (fpr: number): Estimate => tprAt(positive, negative, fpr);
  return {
    model,
    hostile,
    honest,
    auc: auc(positive, negative),
    tprAt5: tpr(0.05),
    tprAt1: tpr(0.01),
    tprAt01: tpr(0.001),
    roc: hostile.includes(':') ? [] : rocCurve(positive, negative, ROC_POINTS),
  };
}

function groupsOf(file: ScoredFile): Map<string, Scored[]> {
  const groups = new Map<string, Scored[]>();
  for (const name of file.names) {
    const group = groups.get(name.group);
    if (group === undefined) groups.set(name.group, [name]);
    else group.push(name);
  }
  return new Map([...groups].filter(([, names]) => names.length >= MIN_GROUP).slice(0, MAX_GROUPS));
}

/** Block and escalation rates of each file and of its families or sources. */
export function ratesOf(files: readonly ScoredFile[]): Rates[] {
  return files.flatMap((file) => {
    const groups = groupsOf(file);
    const lines = groups.size > 1 ? [...groups].map(([group, names]) => rates(file, group, names)) : [];
    return [rates(file, null, file.names), ...lines, ...slicesOf(file)];
  });
}

/** Honest names that models tend to misjudge, each as a group of its own. */
const SLICES: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['slice: idn', /(^|\.)xn--/],
  ['slice: numeric', /^(www\.)?[0-9-]+\.[a-z.]+$/],
  ['slice: .cn (pinyin)', /\.cn$/],
  ['slice: digits in it', /[0-9]/],
  ['slice: 25 and longer', /^.{25,}$/],
];

function slicesOf(file: ScoredFile): Rates[] {
  if (file.kind !== 'honest') return [];
  return SLICES.flatMap(([name, pattern]) => {
    const names = file.names.filter(({ host }) => pattern.test(host));
    return names.length === 0 ? [] : [rates(file, name, names)];
  });
}

function rates(file: ScoredFile, group: string | null, names: readonly Scored[]): Rates {
  const count = (outcome: Scored['outcome']): Estimate =>
    share(names.filter((name) => name.outcome === outcome).length, names.length);
  const standing: Record<string, number> = {};
  for (const name of names) standing[name.standing] = (standing[name.standing] ?? 0) + 1;
  return {
    file: file.file,
    group,
    kind: file.kind,
    names: names.length,
    block: count('block'),
    escalate: count('escalate'),
    standing,
  };
}

const pct = (e: Estimate, digits = 1): string =>
  `${(100 * e.value).toFixed(digits)} [${(100 * e.low).toFixed(digits)}, ${(100 * e.high).toFixed(digits)}]`;

/** The report as text for a terminal; shares in per cent, 95 % intervals in brackets. */
export function renderReport(report: Report): string {
  const lines: string[] = [
    'model      hostile                     honest           AUC                     TPR at FPR 5 %       1 %                  0.1 %',
  ];
  for (const c of report.curves) {
    const area = `${c.auc.value.toFixed(4)} [${c.auc.low.toFixed(4)}, ${c.auc.high.toFixed(4)}]`;
    lines.push(
      `${c.model.padEnd(11)}${c.hostile.padEnd(28)}${c.honest.padEnd(17)}${area.padEnd(24)}${pct(c.tprAt5).padEnd(21)}${pct(c.tprAt1).padEnd(21)}${pct(c.tprAt01)}`,
    );
  }
  lines.push(
    '',
    'file                        group                 names    block %                    escalate %              on a table %',
  );
  for (const r of report.rates) {
    const table =
      ((r.standing.popular ?? 0) + (r.standing.provider ?? 0) + (r.standing.provider_customer ?? 0)) /
      Math.max(1, r.names);
    lines.push(
      `${r.file.padEnd(28)}${(r.group ?? '(all)').padEnd(22)}${String(r.names).padEnd(9)}${pct(r.block, 3).padEnd(27)}${pct(r.escalate, 2).padEnd(24)}${(100 * table).toFixed(1)}`,
    );
  }
  const { timing } = report;
  lines.push(
    '',
    `time a name, both models and all tables: p50 ${timing.p50Us.toFixed(1)} us, p99 ${timing.p99Us.toFixed(1)} us, mean ${timing.meanUs.toFixed(1)} us over ${timing.names} names`,
    `weights: ${report.weightBytes} bytes`,
  );
  return `${lines.join('\n')}\n`;
}
