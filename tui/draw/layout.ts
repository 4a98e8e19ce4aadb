/** Where everything goes, in rows and columns; the parts add up to the terminal's rows exactly. */
export interface Layout {
  readonly columns: number;
  readonly rows: number;
  readonly statusRows: number;
  readonly alertRows: number;
  /** The titles of the columns, of the list only. */
  readonly headerRows: number;
  readonly listRows: number;
  readonly listColumns: number;
  /** The breakdown or a transcript, title row included; beside the list or below it. Null when closed. */
  readonly panel: { readonly beside: boolean; readonly rows: number; readonly columns: number } | null;
  /** What is asked of the person. */
  readonly questionRows: number;
  readonly stripRows: number;
  readonly footerRows: number;
}

/** What the layout depends on besides the size. */
export interface LayoutNeeds {
  readonly alerts: number;
  /** Something stands in the strip: a question before leaving, the filter, an answer. */
  readonly strip: boolean;
  /** Lines that the open questions would like; 0 when there are none. */
  readonly question: number;
  /** The breakdown or a transcript is open. */
  readonly panel: boolean;
}

const TALL_ROWS = 16;
const ROOMY_ROWS = 12;
/** From here on the question has three lines, and below the next one. */
const ASK_ROWS = 20;
const ASK_SMALL_ROWS = 8;
/** From here on the breakdown stands beside the list. */
const BESIDE_COLUMNS = 120;

/** Splits the terminal. Small terminals lose, in this order: the second status line, the resting strip, the titles, the keys. */
export function layoutFor(columns: number, rows: number, needs: LayoutNeeds): Layout {
  let left = Math.max(1, rows);
  const take = (want: number, keep: number) => {
    const got = Math.max(0, Math.min(want, left - keep));
    left -= got;
    return got;
  };
  const stripRows = take(needs.strip || rows >= ROOMY_ROWS ? 1 : 0, 1);
  const asked = rows >= ASK_ROWS ? 3 : rows >= ASK_SMALL_ROWS ? 2 : 1;
  const questionRows = take(Math.min(needs.question, asked), 1);
  const statusRows = take(rows >= TALL_ROWS ? 2 : 1, 1);
  const alertRows = take(Math.min(needs.alerts, rows >= TALL_ROWS ? 3 : 1), 2);
  const footerRows = take(1, 2);
  const headerRows = take(needs.panel && rows < ROOMY_ROWS ? 0 : 1, 3);
  const parts = { statusRows, alertRows, headerRows, questionRows, stripRows, footerRows };
  const fixed = { columns, rows: Math.max(1, rows), ...parts };
  if (!needs.panel) return { ...fixed, listRows: left, listColumns: columns, panel: null };
  if (columns >= BESIDE_COLUMNS) {
    const wide = Math.max(54, Math.floor(columns * 0.45));
    const panel = { beside: true, rows: left + headerRows, columns: wide };
    return { ...fixed, listRows: left, listColumns: columns - wide - 1, panel };
  }
  const listRows = left >= 14 ? Math.floor(left / 3) : Math.min(left - 1, left >= 10 ? 3 : 1);
  const panel = { beside: false, rows: left - listRows, columns };
  return { ...fixed, listRows, listColumns: columns, panel };
}
