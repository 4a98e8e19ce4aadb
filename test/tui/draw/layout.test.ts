import { describe, expect, test } from 'bun:test';
import { layoutFor } from '../../../tui/draw/layout.ts';

describe('the layout', () => {
  test('fills the terminal exactly, whatever its size and whatever is open', () => {
    for (let rows = 1; rows <= 60; rows++) {
      for (const columns of [1, 20, 40, 80, 119, 120, 200]) {
        for (const needs of [
          { alerts: 0, strip: false, question: 0, panel: false },
          { alerts: 5, strip: true, question: 3, panel: false },
          { alerts: 1, strip: true, question: 3, panel: true },
        ]) {
          const is = layoutFor(columns, rows, needs);
          const below = is.panel !== null && !is.panel.beside ? is.panel.rows : 0;
          const sum =
            is.statusRows +
            is.alertRows +
            is.headerRows +
            is.listRows +
            below +
            is.questionRows +
            is.stripRows +
            is.footerRows;
          expect(sum).toBe(rows);
          expect(Math.min(is.listRows, is.listColumns)).toBeGreaterThanOrEqual(0);
          if (is.panel?.beside) {
            expect(is.panel.rows).toBe(is.listRows + is.headerRows);
            expect(is.panel.columns + 1 + is.listColumns).toBe(columns);
          }
        }
      }
    }
  });

  test('keeps six rows of the feed on forty by ten', () => {
    expect(
      layoutFor(40, 10, { alerts: 0, strip: false, question: 0, panel: false }).listRows,
    ).toBeGreaterThanOrEqual(6);
  });

  test('puts the breakdown beside the list where there is room', () => {
    expect(layoutFor(130, 44, { alerts: 0, strip: false, question: 0, panel: true }).panel?.beside).toBe(
      true,
    );
    expect(layoutFor(80, 24, { alerts: 0, strip: false, question: 0, panel: true }).panel?.beside).toBe(
      false,
    );
  });
});
