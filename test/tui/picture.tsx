import { renderToString } from 'ink';
import type { FlowRecord } from '../../src/model/flow.ts';
import type { Status } from '../../src/schema/status.ts';
import { Screen, useFrame } from '../../tui/app.tsx';
import type { Theme } from '../../tui/draw/theme.ts';
import type { Snapshot } from '../../tui/state/snapshot.ts';
import { ScreenStore } from '../../tui/state/store.ts';
import type { UiAction } from '../../tui/state/ui-state.ts';
import { healthyStatus } from './fake-engine.ts';
import { START_MS } from './feed/make-flow.ts';

/** The sizes that every screen is tested at: usual, small, large. */
export const SIZES = [
  [80, 24],
  [40, 10],
  [130, 44],
] as const;

/** A theme with colours, and one for NO_COLOR. */
export const COLOR: Theme = { color: true, ascii: false };
export const PLAIN: Theme = { color: false, ascii: false };

/** A store that was fed, with what keys did to it. The clock stands a minute after the flows began. */
export function storeWith(
  flows: readonly FlowRecord[],
  actions: readonly UiAction[] = [],
  status: Status | null = healthyStatus(),
): ScreenStore {
  const store = new ScreenStore({ clock: () => START_MS + 60_000 });
  store.setLink('live');
  if (status !== null) store.setStatus(status);
  store.addFlows(flows, 0);
  for (const action of [{ type: 'toast', toast: null } as const, ...actions]) store.act(action);
  store.close();
  return store;
}

/** The lines that a snapshot becomes, with their codes. */
export function paintedLines(snapshot: Snapshot, columns: number, rows: number, theme: Theme): string[] {
  const screen = <Still snapshot={snapshot} columns={columns} rows={rows} theme={theme} />;
  return renderToString(screen, { columns }).split('\n');
}

/** The lines that a snapshot becomes, as they read. */
export function draw(snapshot: Snapshot, columns: number, rows: number): string[] {
  return paintedLines(snapshot, columns, rows, COLOR).map(Bun.stripANSI);
}

interface StillProps {
  readonly snapshot: Snapshot;
  readonly columns: number;
  readonly rows: number;
  readonly theme: Theme;
}

function Still({ snapshot, columns, rows, theme }: StillProps) {
  return <Screen snapshot={snapshot} frame={useFrame(snapshot, columns, rows)} theme={theme} />;
}
