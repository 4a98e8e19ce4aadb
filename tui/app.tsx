import { Box, useInput, usePaste, useWindowSize } from 'ink';
import { useMemo, useSyncExternalStore } from 'react';
import type { Controller } from './control/controller.ts';
import { type Layout, layoutFor } from './draw/layout.ts';
import type { Line } from './draw/text.ts';
import type { Theme } from './draw/theme.ts';
import { keyNames } from './keys/input.ts';
import { breakdownLines } from './lines/breakdown-lines.ts';
import { helpLines } from './lines/help-lines.ts';
import { questionLines, questionRowsWanted } from './lines/question-lines.ts';
import { alertLines, alertsOf, statusLines } from './lines/status-lines.ts';
import { footerLine, stripLine, stripNeeded } from './lines/strip-lines.ts';
import { transcriptPanel } from './lines/transcript-panel.ts';
import { paste, press } from './press/dispatch.ts';
import type { Metrics } from './press/pressed.ts';
import { placeOf } from './state/key-place.ts';
import { LOADING } from './state/loaded.ts';
import { explainKey, type Snapshot } from './state/snapshot.ts';
import { Feed } from './views/feed.tsx';
import { Judge } from './views/judge.tsx';
import { Lines } from './views/lines.tsx';
import { Lists } from './views/lists.tsx';
import { Rules } from './views/rules.tsx';
import { ScrollText } from './views/scroll-text.tsx';

/** The live screen: the store's snapshot, and the keys. */
export function App({ controller, theme }: { readonly controller: Controller; readonly theme: Theme }) {
  const { store } = controller;
  const snapshot = useSyncExternalStore(store.subscribe, store.getSnapshot, store.getSnapshot);
  const { columns, rows } = useWindowSize();
  const frame = useFrame(snapshot, columns, rows);
  useInput((input, key) => {
    for (const name of keyNames(input, key)) press(controller, name, frame.metrics);
  });
  usePaste((text) => paste(controller, text));
  return <Screen snapshot={snapshot} frame={frame} theme={theme} />;
}

/** One snapshot at one size, with what the keys must know of it. */
export interface Frame {
  readonly layout: Layout;
  readonly alerts: readonly Line[];
  readonly text: ScrolledText | null;
  readonly metrics: Metrics;
}

/** What is read over the rows, or beside them; null when nothing is open. */
interface ScrolledText {
  readonly title: string;
  readonly lines: readonly Line[];
}

/** Lays a snapshot out; texts that scroll are made anew only when what they say changed. */
export function useFrame(snapshot: Snapshot, columns: number, rows: number): Frame {
  const alerts = alertsOf(snapshot);
  const open = openText(snapshot);
  const layout = layoutFor(columns, rows, {
    alerts: alerts.length,
    strip: stripNeeded(snapshot),
    question: questionRowsWanted(snapshot, placeOf(snapshot)),
    // The help takes the place of the rows.
    panel: open !== null && open !== 'help',
  });
  const { listRows, headerRows, alertRows, panel } = layout;
  const text = useText(snapshot, open, panel?.columns ?? columns);
  const scrollRows = (panel?.rows ?? listRows + headerRows) - 1;
  const metrics = { listRows, scrollRows, scrollLines: text?.lines.length ?? 0 };
  return { layout, alerts: alertLines(alerts, columns, alertRows), text, metrics };
}

type OpenText = 'help' | 'why' | 'transcript';

function openText({ ui, chosen }: Snapshot): OpenText | null {
  if (ui.help) return 'help';
  if (ui.transcript !== null) return 'transcript';
  return ui.breakdown && ui.view === 'flows' && chosen !== null ? 'why' : null;
}

function useText(snapshot: Snapshot, open: OpenText | null, columns: number): ScrolledText | null {
  const { ui, chosen, explained, rulesRevision, now, judge } = snapshot;
  const flow = open === 'why' ? chosen : null;
  const id = open === 'transcript' ? ui.transcript : null;
  const explanation = (flow && explained.get(explainKey(flow, rulesRevision))) ?? LOADING;
  const inquiry = (id !== null && judge.transcripts.get(id)) || LOADING;
  // Only a flow that is still open has a time that runs.
  const clock = flow?.durationMs === null ? now : 0;
  return useMemo(() => {
    if (open === 'help') return { title: 'keys', lines: helpLines(columns) };
    if (id !== null) return { title: `inquiry ${id}`, lines: transcriptPanel(id, inquiry, columns) };
    if (flow === null) return null;
    return { title: 'why', lines: breakdownLines(flow, explanation, clock, columns) };
  }, [open, id, inquiry, flow, explanation, clock, columns]);
}

interface ScreenProps {
  readonly snapshot: Snapshot;
  readonly frame: Frame;
  readonly theme: Theme;
}

/** Everything drawn, exactly as large as the terminal. */
export function Screen({ snapshot, frame, theme }: ScreenProps) {
  const { layout, alerts } = frame;
  const { columns, rows, statusRows, questionRows, stripRows, footerRows } = layout;
  const place = placeOf(snapshot);
  const top = [...statusLines(snapshot, columns, statusRows).slice(0, statusRows), ...alerts];
  const bottom = [
    ...questionLines(snapshot, place, columns, questionRows),
    ...(stripRows > 0 ? [stripLine(snapshot, columns)] : []),
    ...(footerRows > 0 ? [footerLine(snapshot, place, columns)] : []),
  ];
  return (
    <Box flexDirection="column" width={columns} height={rows} overflow="hidden">
      <Lines lines={top} theme={theme} />
      <Body snapshot={snapshot} frame={frame} theme={theme} />
      <Lines lines={bottom} theme={theme} />
    </Box>
  );
}

function Body({ snapshot, frame, theme }: ScreenProps) {
  const { layout, text } = frame;
  const { columns, listRows, headerRows, panel } = layout;
  const { scroll, view } = snapshot.ui;
  const View = VIEW_OF[view];
  const list = <View snapshot={snapshot} layout={layout} theme={theme} />;
  if (text === null) return list;
  const { rows, columns: width } = panel ?? { rows: listRows + headerRows, columns };
  const read = <ScrollText {...text} scroll={scroll} columns={width} rows={rows} theme={theme} />;
  if (panel === null) return read;
  return (
    <Box flexDirection={panel.beside ? 'row' : 'column'} columnGap={1}>
      {list}
      {read}
    </Box>
  );
}

const VIEW_OF = { flows: Feed, rules: Rules, lists: Lists, judge: Judge } as const;
