import type { FlowRecord } from '../../src/model/flow.ts';
import type { Column } from '../draw/columns.ts';
import { paint, type Theme } from '../draw/theme.ts';
import { flowRow, type RowMark, type RowTimes } from './flow-row.ts';

interface Painted extends RowTimes {
  readonly mark: RowMark;
  readonly text: string;
}

/** The painted rows of one grid, kept as long as their flows are: most rows of a frame stood in the one before. */
export class RowCache {
  readonly #painted = new WeakMap<FlowRecord, Painted>();

  constructor(
    private readonly grid: readonly Column[],
    private readonly theme: Theme,
  ) {}

  row(flow: FlowRecord, times: RowTimes, mark: RowMark): string {
    const known = this.#painted.get(flow);
    if (known !== undefined && known.age === times.age && known.left === times.left && known.mark === mark)
      return known.text;
    const text = paint(this.theme, flowRow(flow, times, this.grid, mark));
    this.#painted.set(flow, { ...times, mark, text });
    return text;
  }
}
