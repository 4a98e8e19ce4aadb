import type { Prompt } from '../../src/schema/prompt.ts';
import { countOf, formatCount } from '../draw/format.ts';
import {
  cells,
  clean,
  cut,
  cutLine,
  cutName,
  type Line,
  lineCells,
  type Segment,
  seg,
} from '../draw/text.ts';
import type { KeyPlace } from '../keys/binding.ts';
import type { QuestionQueue } from '../state/question-queue.ts';
import type { Snapshot } from '../state/snapshot.ts';
import { agoText, appOf, hostOf, remainingText, targetOf } from '../words/question.ts';
import { scopeLines } from './scope-lines.ts';

/** Fewer seconds than this are told loudly. */
const HURRY_MS = 5_000;
const NAME_CELLS_MIN = 8;
const APP_CELLS_MIN = 6;
const INDENT = '  ';

/** How many lines the strip of questions would like; 0 when nothing is asked. `place` is what gets the keys. */
export function questionRowsWanted(snapshot: Snapshot, place: KeyPlace): number {
  const { front } = snapshot.queue;
  if (front === null) return 0;
  if (place === 'scope') return 3;
  // Elsewhere it only calls: why, and what the judge found, stand where it can be answered.
  if (!ANSWERED_FROM.has(place)) return 1;
  return front.findings.length > 0 || front.inquiry !== null ? 3 : 2;
}

const ANSWERED_FROM: ReadonlySet<KeyPlace> = new Set<KeyPlace>([
  'question',
  'transcript',
  'breakdown',
  'filter',
  'quit',
]);

/** The question in front in at most `rows` lines: who wants what since when, why nobody decided it, the judge's findings. */
export function questionLines(
  snapshot: Snapshot,
  place: KeyPlace,
  columns: number,
  rows: number,
): readonly Line[] {
  const { queue, now, ui } = snapshot;
  const { front } = queue;
  if (front === null || rows < 1) return [];
  const head = headLine(queue, front, now, hintOf(place), columns);
  if (ui.scope !== null) return scopeLines(ui.scope, front, head, columns, rows);
  const why: Line = [seg(`${INDENT}${clean(front.reason)}`)];
  const judge = judgeLine(front);
  const below = judge === null ? [why] : rows === 2 ? [judge] : [why, judge];
  return [head, ...below.slice(0, rows - 1).map((line) => cutLine(line, columns))];
}

function judgeLine({ findings, inquiry }: Prompt): Line | null {
  if (findings.length === 0 && inquiry === null) return null;
  const found =
    findings.length === 0
      ? 'nothing found so far'
      : // What is a sign of an attempt is often the reason, too.
        [...new Set(findings)].map((finding) => clean(finding)).join(' · ');
  return [seg(`${INDENT}judge: `, 'info'), seg(found)];
}

/** How one gets to where the question can be answered. */
function hintOf(place: KeyPlace): string {
  if (place === 'breakdown') return 'Esc, then a b';
  return place === 'rules' || place === 'lists' || place === 'judge' ? '1, then a b' : '';
}

interface Wording {
  /** 0 the program with parent and user; 1 with the user; 2 alone; 3 not at all. */
  readonly app: 0 | 1 | 2 | 3;
  readonly count: 'words' | 'sign' | null;
  readonly since: boolean;
  readonly hint: boolean;
  readonly short: boolean;
}

// From the most telling to what is left of it at the edge of nothing: less and less about the program and the past, but
// always the name and the time.
const WORDINGS: readonly Wording[] = [
  { app: 0, count: 'words', since: true, hint: true, short: false },
  { app: 0, count: 'words', since: false, hint: true, short: false },
  { app: 0, count: 'sign', since: false, hint: true, short: false },
  { app: 1, count: 'sign', since: false, hint: true, short: false },
  // Where keys mean something else, the way to the answer says more than whose the program is.
  { app: 2, count: 'sign', since: false, hint: true, short: false },
  { app: 2, count: null, since: false, hint: true, short: true },
  { app: 2, count: 'sign', since: false, hint: false, short: false },
  { app: 2, count: null, since: false, hint: false, short: true },
  { app: 3, count: null, since: false, hint: false, short: true },
];

/** `? curl ‹ bash (alice) wants example.com:443 · 3 connections · 4 s ago · 11 s left · 2 more`, as much of it as fits. */
function headLine(queue: QuestionQueue, front: Prompt, now: number, hint: string, columns: number): Line {
  const target = targetOf(front);
  const appMax = Math.max(APP_CELLS_MIN, Math.floor(columns / 4));
  // A name that would push out who asks is cut instead.
  const room = Math.min(cells(target), Math.max(NAME_CELLS_MIN, Math.floor(columns * 0.45)));
  const parts = WORDINGS.map((wording) => wordingParts(wording, queue, front, now, hint, appMax));
  const fits = parts.find(({ before, after }) => lineCells(before) + lineCells(after) + room <= columns);
  const { before, after } = fits ?? parts[parts.length - 1] ?? { before: [], after: [] };
  const left = columns - lineCells(before) - lineCells(after);
  // With hardly any room whose name it is says more than the port.
  const name = before.length === 1 && cells(target) > left ? hostOf(front) : target;
  return cutLine([...before, seg(cutName(name, Math.max(1, left)), 'strong'), ...after], columns);
}

function wordingParts(
  wording: Wording,
  queue: QuestionQueue,
  front: Prompt,
  now: number,
  hint: string,
  appMax: number,
): { readonly before: Line; readonly after: Line } {
  const more = queue.questions.length - 1;
  const msLeft = front.deadline - now;
  const time = remainingText(msLeft);
  const { short } = wording;
  const after: Segment[] = [
    ...countParts(wording, front),
    ...(wording.since ? [seg(` · ${agoText(now - front.since)}`, 'dim')] : []),
    seg(short ? ` ${time.replace(/ s left$/, 's')}` : ` · ${time}`, msLeft <= HURRY_MS ? 'warn' : 'strong'),
    ...(more > 0 ? [seg(short ? ` +${more}` : ` · ${formatCount(more)} more`, 'info')] : []),
    ...(wording.hint && hint !== '' ? [seg(` · ${hint}`, 'dim')] : []),
  ];
  const before: Segment[] = [seg('? ', 'info')];
  if (wording.app === 3) return { before, after };
  return { before: [...before, ...appParts(wording.app, front, appMax), seg(' wants ')], after };
}

function appParts(detail: 0 | 1 | 2, front: Prompt, appMax: number): Line {
  const { parent = null, user = null } = front.apps[0] ?? {};
  const others = front.apps.length - 1;
  const from = detail === 0 && parent !== null && parent !== '' ? ` ‹ ${cut(clean(parent), appMax)}` : '';
  const whose = detail < 2 && user !== null ? ` (${cut(clean(user), appMax)})` : '';
  const parts: Segment[] = [seg(cut(appOf(front), appMax), 'strong'), seg(from), seg(whose, 'dim')];
  return others > 0 ? [...parts, seg(detail === 2 ? ` +${others}` : ` and ${others} more`, 'warn')] : parts;
}

function countParts({ count }: Wording, { waiting }: Prompt): Line {
  if (count === null || waiting < 2) return [];
  return [seg(count === 'words' ? ` · ${countOf(waiting, 'connection')}` : ` ×${waiting}`)];
}
