import { Box } from 'ink';
import type { Status } from '../../src/schema/status.ts';
import type { Layout } from '../draw/layout.ts';
import { listWindow } from '../draw/list.ts';
import { clean, cutLine, type Line, seg, wrap } from '../draw/text.ts';
import type { Theme } from '../draw/theme.ts';
import { inquiryRow, inquiryTitles } from '../judge/inquiry-row.ts';
import { chosenInquiryIndex, type Snapshot } from '../snapshot.ts';
import { Lines } from './lines.tsx';

interface JudgeProps {
  readonly picture: Snapshot;
  readonly layout: Layout;
  readonly theme: Theme;
}

/** The judge's inquiries, newest first, one a line. */
export function Judge({ picture, layout, theme }: JudgeProps) {
  const { judge, now, ui } = picture;
  const { listColumns: columns, listRows, headerRows } = layout;
  const rows = listRows + headerRows;
  const inquiries = judge.inquiries ?? [];
  const chosen = chosenInquiryIndex(inquiries, ui);
  const { top, count } = listWindow(inquiries.length, chosen, ui.inquiry?.line ?? 0, listRows);
  const shown = inquiries
    .slice(top, top + count)
    .map((inquiry, index) => inquiryRow(inquiry, now, columns, top + index === chosen));
  const isEnd = judge.more && top + count === inquiries.length;
  const lines = [
    ...(headerRows > 0 ? [inquiryTitles(columns)] : []),
    ...noticeLines(picture, columns),
    ...shown,
    ...(isEnd ? [cutLine([seg('  older ones: resolagent judge list', 'dim')], columns)] : []),
  ];
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      <Lines lines={lines.slice(0, rows)} theme={theme} />
    </Box>
  );
}

function noticeLines({ judge, status }: Snapshot, columns: number): readonly Line[] {
  if (judge.error !== null) {
    return [cutLine([seg(`  the inquiries could not be read: ${judge.error}`, 'bad')], columns)];
  }
  if (judge.inquiries === null) return [cutLine([seg('  asking the engine…', 'dim')], columns)];
  if (judge.inquiries.length > 0) return [];
  return wrap(emptyText(status?.judge ?? null), columns - 2, 4).map((part): Line => [seg(`  ${part}`)]);
}

function emptyText(judge: Status['judge'] | null): string {
  if (judge?.state === 'off')
    return 'The judge is off. With judge.enabled a language model looks into names that nothing else decides.';
  if (judge?.state === 'unreachable')
    return `No judge: no model server at ${clean(judge.apiUrl)}. One that is started there is found by itself; you are asked meanwhile.`;
  return 'No inquiries yet. The judge looks into names that rules, lists and scores leave open.';
}
