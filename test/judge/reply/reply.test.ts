import { expect, test } from 'bun:test';
import { readReply } from '../../../src/judge/reply/reply.ts';
import { replyShapes } from './shapes.ts';

const SHAPES = replyShapes();

test('at least ninety shapes are recorded, each by a name of its own', () => {
  expect(SHAPES.length).toBeGreaterThanOrEqual(90);
  expect(new Set(SHAPES.map(({ name }) => name)).size).toBe(SHAPES.length);
});

test.each(SHAPES.map((shape) => [shape.name, shape] as const))('reads %s', (_name, { message, reply }) => {
  expect(readReply(message)).toEqual(reply);
});
