import type { InquirySummary } from '../../src/schema/judge.ts';
import type { Status } from '../../src/schema/status.ts';
import { formatAge, formatBytes, formatClock, formatMs } from '../draw/format.ts';
import type { Column } from '../draw/grid.ts';
import { clean, cutName, type Segment, seg } from '../draw/text.ts';
import type { Snapshot } from '../state/snapshot.ts';
import { KIND_SIGNS, KIND_TONES } from '../words/judge.ts';
import { ListView, type ViewProps } from './list-view.tsx';

const DAY_MS = 86_400_000;

/** The judge's inquiries, newest first, one a line. */
export function Judge(props: ViewProps) {
  const { judge, now } = props.snapshot;
  const end = judge.more ? 'older ones: resolagent judge list' : null;
  const rows = judge.inquiries.value ?? [];
  return (
    <ListView
      {...props}
      columns={inquiryColumns(now)}
      rows={rows}
      notice={noticeOf(props.snapshot)}
      end={end}
    />
  );
}

/** What is told of an inquiry; `‼` counts signs of an attempt on the judge. */
export const inquiryColumns = (now: number): readonly Column<InquirySummary>[] => [
  { title: 'time', rank: 3, min: 8, cell: ({ at }) => seg(timeText(at, now), 'dim') },
  {
    ...{ title: 'verdict', rank: 0, min: 8 },
    cell: ({ kind }) => seg(`${KIND_SIGNS[kind]} ${kind}`, KIND_TONES[kind]),
  },
  {
    ...{ title: 'host', rank: 1, min: 12, ideal: 22, max: 60 },
    cell: ({ host }, width) => seg(cutName(clean(host, 300), width)),
  },
  { title: 'app', rank: 4, min: 11, cell: ({ app }) => seg(clean(app ?? '—'), 'dim') },
  {
    ...{ title: 'reason', rank: 5, min: 12, ideal: 24, max: Number.POSITIVE_INFINITY },
    cell: (inquiry) => seg(reasonText(inquiry)),
  },
  {
    ...{ title: '‼', rank: 2, min: 3 },
    cell: ({ marks }) => seg(marks > 0 ? `‼${Math.min(99, marks)}` : '', 'warn'),
  },
  {
    ...{ title: 'ms', align: 'right', rank: 6, min: 5 },
    cell: ({ durationMs }) => seg(formatMs(durationMs * 1_000), 'dim'),
  },
  {
    ...{ title: 'tokens', align: 'right', rank: 7, min: 6 },
    cell: ({ tokens }) => seg(formatBytes(tokens), 'dim'),
  },
];

/** The time of day; what is older than a day, how old. */
function timeText(at: number, now: number): string {
  return now - at < DAY_MS ? formatClock(at).slice(0, 8) : `${formatAge(now - at)} ago`;
}

function reasonText({ reason, why, replayOf }: InquirySummary): string {
  const text = clean(reason ?? why.replaceAll('_', ' '));
  return replayOf === null ? text : `replay of ${replayOf}: ${text}`;
}

function noticeOf({ judge: { inquiries }, status }: Snapshot): Segment | null {
  if (inquiries.error !== null) return seg(`the inquiries could not be read: ${inquiries.error}`, 'bad');
  if (inquiries.value === null) return seg('asking the engine…', 'dim');
  return inquiries.value.length > 0 ? null : seg(emptyText(status?.judge ?? null));
}

function emptyText(judge: Status['judge'] | null): string {
  if (judge?.state === 'off')
    return 'The judge is off. With judge.enabled a language model looks into names that nothing else decides.';
  if (judge?.state === 'unreachable')
    return `No judge: no model server at ${clean(judge.apiUrl)}. One that is started there is found by itself; you are asked meanwhile.`;
  return 'No inquiries yet. The judge looks into names that rules, lists and scores leave open.';
}
