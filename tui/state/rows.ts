import type { FlowRecord } from '../../src/model/flow.ts';
import type { Rule } from '../../src/model/rule.ts';
import type { InquirySummary } from '../../src/schema/judge.ts';
import type { ListReport } from '../../src/schema/list.ts';
import type { Snapshot } from './snapshot.ts';

type Row = FlowRecord | Rule | ListReport | InquirySummary;

/** The rows of the view that is shown, in the order drawn. */
export function rowsOf({ ui, flows, rules, lists, judge }: Snapshot): readonly Row[] {
  return { flows, rules: rules.value ?? [], lists, judge: judge.inquiries.value ?? [] }[ui.view];
}

/** By what a row is remembered. */
export function idOf(row: Row): string | number {
  return 'id' in row ? row.id : row.name;
}

/** The place of the row that the keys act on; 0 when none was chosen, or the chosen one is no longer there. */
export function chosenIndex(snapshot: Snapshot): number {
  const { ui, chosenIndex: flowIndex } = snapshot;
  if (ui.view === 'flows') return flowIndex;
  const id = ui.choices[ui.view]?.id;
  return Math.max(
    0,
    rowsOf(snapshot).findIndex((row) => idOf(row) === id),
  );
}

/** The list that the keys act on, in its view. */
export function chosenList(snapshot: Snapshot): ListReport | undefined {
  return snapshot.lists[chosenIndex(snapshot)];
}

/** The inquiry that the keys act on, in its view. */
export function chosenInquiry(snapshot: Snapshot): InquirySummary | undefined {
  return snapshot.judge.inquiries.value?.[chosenIndex(snapshot)];
}
