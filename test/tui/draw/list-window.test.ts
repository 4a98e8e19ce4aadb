import { describe, expect, test } from 'bun:test';
import { listWindow, moveChoice } from '../../../tui/draw/list-window.ts';

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
});
