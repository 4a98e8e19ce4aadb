import { Box, useInput, usePaste, useWindowSize } from 'ink';
import { useMemo, useSyncExternalStore } from 'react';
import { breakdownLines } from './breakdown-lines.ts';
import { type Controller, explainKey } from './controller.ts';
import { type Metrics, paste, placeOf, press } from './dispatch.ts';
import { helpLines } from './help-lines.ts';
import { keyNames } from './input.ts';
import { type Layout, layoutFor } from './layout.ts';
import { alertLines, alertsOf, statusLines } from './status-lines.ts';
import type { Snapshot } from './store.ts';
import { footerLine, stripLine, stripNeeded } from './strip-lines.ts';
import type { Line } from './text.ts';
import type { Theme } from './theme.ts';
import { Feed } from './views/feed.tsx';
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
  readonly breakdown: readonly Line[] | null;
  readonly metrics: Metrics;
}

/** Lays a picture out; texts that scroll are made anew only when what they say changed. */
export function useFrame(picture: Snapshot, columns: number, rows: number): Frame {
  const { ui, chosen, explained, rulesRevision, now } = picture;
  const alerts = alertsOf(picture);
  const breakdownOpen = ui.breakdown && ui.view === 'flows' && !ui.help && chosen !== null;
  const needs = { alerts: alerts.length, strip: stripNeeded(picture), breakdown: breakdownOpen };
  const layout = layoutFor(columns, rows, needs);
  const panelColumns = layout.panel?.columns ?? 0;
  const why = chosen === null ? undefined : explained.get(explainKey(chosen, rulesRevision));
  // Only a flow that is still open has a time that runs.
  const clock = chosen?.durationMs === null ? now : 0;
  const breakdown = useMemo(
    () => (breakdownOpen && chosen !== null ? breakdownLines(chosen, why, clock, panelColumns) : null),
    [breakdownOpen, chosen, why, clock, panelColumns],
  );
  const help = useMemo(() => (ui.help ? helpLines(columns) : null), [ui.help, columns]);
  const scrollRows = help === null ? (layout.panel?.rows ?? 1) - 1 : layout.listRows + layout.headerRows - 1;
  const metrics = { listRows: layout.listRows, scrollRows, scrollLines: (help ?? breakdown)?.length ?? 0 };
  return { layout, alerts: alertLines(alerts, columns, layout.alertRows), help, breakdown, metrics };
}

interface ScreenProps {
  readonly picture: Snapshot;
  readonly frame: Frame;
  readonly theme: Theme;
}

/** Everything drawn, exactly as large as the terminal. */
export function Screen({ picture, frame, theme }: ScreenProps) {
  const { layout, alerts } = frame;
  const { columns, rows, statusRows, stripRows, footerRows } = layout;
  const top = [...statusLines(picture, columns, statusRows).slice(0, statusRows), ...alerts];
  const bottom = [
    ...(stripRows > 0 ? [stripLine(picture, columns)] : []),
    ...(footerRows > 0 ? [footerLine(picture, placeOf(picture.ui), columns)] : []),
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
  const { layout, help, breakdown } = frame;
  const { columns, listRows, headerRows, panel } = layout;
  const { scroll, view } = picture.ui;
  if (help !== null) {
    const size = { columns, rows: listRows + headerRows };
    return <ScrollText title="keys" lines={help} scroll={scroll} {...size} theme={theme} />;
  }
  if (view === 'lists') return <Lists picture={picture} layout={layout} theme={theme} />;
  if (view === 'rules') return <Rules picture={picture} layout={layout} theme={theme} />;
  if (panel === null || breakdown === null) return <Feed picture={picture} layout={layout} theme={theme} />;
  const size = { columns: panel.columns, rows: panel.rows };
  return (
    <Box flexDirection={panel.beside ? 'row' : 'column'} columnGap={1}>
      <Feed picture={picture} layout={layout} theme={theme} />
      <ScrollText title="why" lines={breakdown} scroll={scroll} {...size} theme={theme} />
    </Box>
  );
}
