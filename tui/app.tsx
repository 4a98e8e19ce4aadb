import { Box, useInput, usePaste, useWindowSize } from 'ink';
import { useMemo, useSyncExternalStore } from 'react';
import { assertNever } from '../src/model/never.ts';
import { type Controller, explainKey } from './controller.ts';
import { type Layout, layoutFor } from './draw/layout.ts';
import type { Line } from './draw/text.ts';
import type { Theme } from './draw/theme.ts';
import { breakdownLines } from './feed/breakdown-lines.ts';
import { helpLines } from './help-lines.ts';
import { transcriptPanel } from './judge/transcript-panel.ts';
import { keyNames } from './keys/input.ts';
import { paste, press } from './press/dispatch.ts';
import { type Metrics, placeOf } from './press/pressed.ts';
import { questionLines, questionRowsWanted } from './question/lines.ts';
import type { Snapshot } from './snapshot.ts';
import { alertLines, alertsOf, statusLines } from './status-lines.ts';
import { footerLine, stripLine, stripNeeded } from './strip-lines.ts';
import { Feed } from './views/feed.tsx';
import { Judge } from './views/judge.tsx';
import { Lines } from './views/lines.tsx';
import { Lists } from './views/lists.tsx';
import { Rules } from './views/rules.tsx';
import { ScrollText } from './views/scroll-text.tsx';

/** The live screen: the store's picture, and the keys. */
export function App({ controller, theme }: { readonly controller: Controller; readonly theme: Theme }) {
  const { store } = controller;
  const picture = useSyncExternalStore(store.subscribe, store.getSnapshot, store.getSnapshot);
  const { columns, rows } = useWindowSize();
  const frame = useFrame(picture, columns, rows);
  useInput((input, key) => {
    for (const name of keyNames(input, key)) press(controller, name, frame.metrics);
  });
  usePaste((text) => paste(controller, text));
  return <Screen picture={picture} frame={frame} theme={theme} />;
}

/** One picture at one size, with what the keys must know of it. */
export interface Frame {
  readonly layout: Layout;
  readonly alerts: readonly Line[];
  readonly help: readonly Line[] | null;
  /** What stands in the panel; null when it is closed. */
  readonly panel: { readonly title: string; readonly lines: readonly Line[] } | null;
  readonly metrics: Metrics;
}

/** Lays a picture out; texts that scroll are made anew only when what they say changed. */
export function useFrame(picture: Snapshot, columns: number, rows: number): Frame {
  const { ui } = picture;
  const alerts = alertsOf(picture);
  const open = openPanel(picture);
  const needs = {
    alerts: alerts.length,
    strip: stripNeeded(picture),
    question: questionRowsWanted(picture, placeOf(picture)),
    panel: open !== null,
  };
  const layout = layoutFor(columns, rows, needs);
  const panel = usePanel(picture, open, layout.panel?.columns ?? 0);
  const help = useMemo(() => (ui.help ? helpLines(columns) : null), [ui.help, columns]);
  const scrollRows = help === null ? (layout.panel?.rows ?? 1) - 1 : layout.listRows + layout.headerRows - 1;
  const metrics = { listRows: layout.listRows, scrollRows, scrollLines: (help ?? panel?.lines)?.length ?? 0 };
  return { layout, alerts: alertLines(alerts, columns, layout.alertRows), help, panel, metrics };
}

type OpenPanel = 'why' | 'transcript';

function openPanel({ ui, chosen }: Snapshot): OpenPanel | null {
  if (ui.help) return null;
  if (ui.transcript !== null) return 'transcript';
  return ui.breakdown && ui.view === 'flows' && chosen !== null ? 'why' : null;
}

function usePanel(picture: Snapshot, open: OpenPanel | null, columns: number): Frame['panel'] {
  const { ui, chosen, explained, rulesRevision, now, judge } = picture;
  const why = chosen === null ? undefined : explained.get(explainKey(chosen, rulesRevision));
  // Only a flow that is still open has a time that runs.
  const clock = open === 'why' && chosen?.durationMs === null ? now : 0;
  const breakdown = useMemo(
    () => (open === 'why' && chosen !== null ? breakdownLines(chosen, why, clock, columns) : null),
    [open, chosen, why, clock, columns],
  );
  const id = open === 'transcript' ? ui.transcript : null;
  const transcribed = id === null ? undefined : judge.transcripts.get(id);
  const transcript = useMemo(
    () => (id === null ? null : transcriptPanel(id, transcribed, columns)),
    [id, transcribed, columns],
  );
  if (transcript !== null) return { title: `inquiry ${id}`, lines: transcript };
  return breakdown === null ? null : { title: 'why', lines: breakdown };
}

interface ScreenProps {
  readonly picture: Snapshot;
  readonly frame: Frame;
  readonly theme: Theme;
}

/** Everything drawn, exactly as large as the terminal. */
export function Screen({ picture, frame, theme }: ScreenProps) {
  const { layout, alerts } = frame;
  const { columns, rows, statusRows, questionRows, stripRows, footerRows } = layout;
  const place = placeOf(picture);
  const top = [...statusLines(picture, columns, statusRows).slice(0, statusRows), ...alerts];
  const bottom = [
    ...questionLines(picture, place, columns, questionRows),
    ...(stripRows > 0 ? [stripLine(picture, columns)] : []),
    ...(footerRows > 0 ? [footerLine(picture, place, columns)] : []),
  ];
  return (
    <Box flexDirection="column" width={columns} height={rows} overflow="hidden">
      <Lines lines={top} theme={theme} />
      <Body picture={picture} frame={frame} theme={theme} />
      <Lines lines={bottom} theme={theme} />
    </Box>
  );
}

function Body({ picture, frame, theme }: ScreenProps) {
  const { layout, help, panel } = frame;
  const { columns, listRows, headerRows } = layout;
  const { scroll } = picture.ui;
  if (help !== null) {
    const size = { columns, rows: listRows + headerRows };
    return <ScrollText title="keys" lines={help} scroll={scroll} {...size} theme={theme} />;
  }
  const list = <View picture={picture} layout={layout} theme={theme} />;
  if (layout.panel === null || panel === null) return list;
  const size = { columns: layout.panel.columns, rows: layout.panel.rows };
  return (
    <Box flexDirection={layout.panel.beside ? 'row' : 'column'} columnGap={1}>
      {list}
      <ScrollText title={panel.title} lines={panel.lines} scroll={scroll} {...size} theme={theme} />
    </Box>
  );
}

function View({ picture, layout, theme }: Omit<ScreenProps, 'frame'> & { readonly layout: Layout }) {
  const props = { picture, layout, theme };
  const { view } = picture.ui;
  switch (view) {
    case 'flows':
      return <Feed {...props} />;
    case 'rules':
      return <Rules {...props} />;
    case 'lists':
      return <Lists {...props} />;
    case 'judge':
      return <Judge {...props} />;
    default:
      return assertNever(view);
  }
}
