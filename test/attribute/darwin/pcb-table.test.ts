import { expect, test } from 'bun:test';
import { PcbTable } from '../../../src/attribute/darwin/pcb-table.ts';
import { DarwinUsers } from '../../../src/attribute/darwin/users.ts';
import type { Uid } from '../../../src/model/brand.ts';
import { at, buildPcblist, type FakeSocket } from './bytes.ts';

const socket = (port: number): FakeSocket => ({
  local: at('10.0.0.1', port),
  remote: at('203.0.113.7', 443),
});

function table(sockets: FakeSocket[] | null) {
  const state = { sockets, clock: 0, taken: 0 };
  const read = (): Uint8Array | null => {
    state.taken += 1;
    return state.sockets === null ? null : buildPcblist(state.sockets);
  };
  return { state, pcbs: new PcbTable(read, () => state.clock) };
}

test('serves two questions about one connection from one list', () => {
  const { state, pcbs } = table([socket(1)]);
  expect(pcbs.find(at('10.0.0.1', 1), null)?.rows).toHaveLength(1);
  expect(pcbs.find(at('10.0.0.1', 1), at('203.0.113.7', 443))?.rows).toHaveLength(1);
  expect(state.taken).toBe(1);
});

test('takes a new list for a socket that is not in a young one', () => {
  const { state, pcbs } = table([socket(1)]);
  pcbs.find(at('10.0.0.1', 1), null);
  state.sockets = [socket(2)];
  expect(pcbs.find(at('10.0.0.1', 2), null)?.rows).toHaveLength(1);
  expect(state.taken).toBe(2);
});

test('never answers from an old list: the port may have a new connection', () => {
  const { state, pcbs } = table([socket(1)]);
  pcbs.find(at('10.0.0.1', 1), null);
  state.sockets = [];
  state.clock = 2;
  expect(pcbs.find(at('10.0.0.1', 1), null)?.rows).toHaveLength(0);
});

test('takes one list for all who wait', async () => {
  const { state, pcbs } = table([]);
  const waiting = [1, 2, 3].map((port) => pcbs.findLater(at('10.0.0.1', port), null));
  state.sockets = [socket(1), socket(2), socket(3)];
  expect((await Promise.all(waiting)).map((walk) => walk?.rows.length)).toEqual([1, 1, 1]);
  expect(state.taken).toBe(1);
});

test('says when there are too many sockets to list them for each connection', () => {
  const { state, pcbs } = table(Array.from({ length: 4_096 }, (_, i) => socket(i + 1)));
  pcbs.find(at('10.0.0.1', 1), null);
  expect(pcbs.crowded).toBe(false);
  state.sockets = Array.from({ length: 4_097 }, (_, i) => socket(i + 1));
  state.clock = 100;
  pcbs.find(at('10.0.0.1', 1), null);
  expect(pcbs.crowded).toBe(true);
});

test('tells a list that cannot be read from an empty one', async () => {
  const { pcbs } = table(null);
  expect(pcbs.find(at('10.0.0.1', 1), null)).toBeNull();
  expect(await pcbs.findLater(at('10.0.0.1', 1), null)).toBeNull();
  expect(table([]).pcbs.find(at('10.0.0.1', 1), null)).toEqual({ rows: [], sockets: 0, sound: true });
});

test('asks for the name of a user once', async () => {
  let asked = 0;
  const users = new DarwinUsers(async (uid) => {
    asked += 1;
    return uid === 501 ? 'alice' : null;
  });
  const [alice, nobody] = [501 as Uid, 777 as Uid];
  expect(await Promise.all([users.name(alice), users.name(alice), users.name(nobody)])).toEqual([
    'alice',
    'alice',
    null,
  ]);
  expect([users.name(alice), users.name(nobody), asked]).toEqual(['alice', null, 2]);
});

test('does not let questions about users pile up', () => {
  const users = new DarwinUsers(() => new Promise(() => {}));
  for (let uid = 0; uid < 256; uid++) expect(users.name(uid as Uid)).toBeInstanceOf(Promise);
  expect(users.name(1_000 as Uid)).toBeNull();
});
