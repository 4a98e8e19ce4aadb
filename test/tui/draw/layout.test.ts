import { describe, expect, test } from 'bun:test';
import { MARK_CELLS } from '../../../tui/draw/grid.ts';
import { layoutFor } from '../../../tui/draw/layout.ts';
import { listWindow, moveChoice } from '../../../tui/draw/list-window.ts';
import { flowGrid } from '../../../tui/lines/flow-row.ts';
import { firstNot } from '../../../tui/state/flow-ring.ts';

const titlesAt = (width: number) => flowGrid(width, false).columns.map((column) => column.title);

describe('the grid', () => {
  test('is never wider than the terminal, at any width', () => {
    for (let width = 0; width <= 300; width++) {
      for (const longWords of [false, true]) {
        const grid = flowGrid(width, longWords).columns;
        const used = grid.reduce((sum, column) => sum + column.width + 1, MARK_CELLS - 1);
        expect(grid.length === 0 || used <= width).toBe(true);
      }
    }
  });

  test('shows what became of whom going where in forty columns', () => {
    expect(titlesAt(40)).toEqual(['verdict', 'program', 'host']);
  });

  test('adds why, age and port before figures', () => {
    expect(titlesAt(80)).toEqual(['verdict', 'program', 'host', 'port', 'why', 'age']);
  });

  test('shows everything in a hundred and twenty columns, in reading order', () => {
    expect(titlesAt(120)).toEqual([
      'verdict',
      'program',
      'host',
      'port',
      'score',
      'why',
      'ms',
      '↓',
      '↑',
      'age',
    ]);
  });

  test('never drops a column as the terminal grows', () => {
    for (let width = 1; width <= 200; width++) {
      expect(titlesAt(width)).toEqual(expect.arrayContaining(titlesAt(width - 1)));
    }
  });
});

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

describe('the window on the list', () => {
  test('keeps the chosen row on its line while rows arrive above it', () => {
    expect(listWindow(100, 5, 5, 10)).toEqual({ top: 0, count: 10 });
    expect(listWindow(103, 8, 5, 10)).toEqual({ top: 3, count: 10 });
  });

  test('never shows past the end, nor more than there is', () => {
    expect(listWindow(3, 2, 9, 10)).toEqual({ top: 0, count: 3 });
    expect(listWindow(20, 19, 0, 10)).toEqual({ top: 10, count: 10 });
    expect(listWindow(0, 0, 0, 10)).toEqual({ top: 0, count: 0 });
    expect(listWindow(20, 5, 3, 0)).toEqual({ top: 5, count: 0 });
  });

  test('moves within the list and within the screen', () => {
    expect(moveChoice(100, 5, 5, 1, 10)).toEqual({ index: 6, line: 6 });
    expect(moveChoice(100, 9, 9, 1, 10)).toEqual({ index: 10, line: 9 });
    expect(moveChoice(100, 0, 0, -1, 10)).toEqual({ index: 0, line: 0 });
    expect(moveChoice(100, 50, 4, 1e15, 10)).toEqual({ index: 99, line: 9 });
  });

  test('finds an id, or the next older one when it is gone', () => {
    const ids = [9, 7, 3];
    expect([10, 9, 8, 7, 3, 1].map((id) => firstNot(ids, (other) => other > id))).toEqual([0, 0, 1, 1, 2, 3]);
  });
});
