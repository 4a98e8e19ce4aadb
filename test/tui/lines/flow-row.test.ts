import { describe, expect, test } from 'bun:test';
import { MARK_CELLS } from '../../../tui/draw/grid.ts';
import { flowGrid } from '../../../tui/lines/flow-row.ts';

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
