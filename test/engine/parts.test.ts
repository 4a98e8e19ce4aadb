import { describe, expect, test } from 'bun:test';
import { Percentiles } from '../../src/engine/control/percentiles.ts';
import type { FlowId, Ip, Uid } from '../../src/model/brand.ts';
import { DeadlineQueue } from '../../src/proxy/deadline-queue.ts';
import { FairShare } from '../../src/proxy/fair-share.ts';
import { FirstBytes } from '../../src/proxy/first-bytes.ts';
import { forbiddenResponse } from '../../src/proxy/forbidden.ts';
import { candidates } from '../../src/resolve/candidates.ts';

const ip = (text: string): Ip => text as Ip;
const none = (): boolean => false;

describe('where a name may lead', () => {
  test('the dialled address comes first when it is the name’s, even a private one', () => {
    expect(candidates(ip('10.0.0.1'), true, [ip('203.0.113.2'), ip('10.0.0.1')], none)).toEqual({
      kind: 'some',
      ips: [ip('10.0.0.1'), ip('203.0.113.2')],
      mismatch: false,
    });
  });
  test.each(['127.0.0.1', '10.1.2.3', '169.254.169.254', '::1', 'fd00::1', '64:ff9b::a00:1'])(
    'never to %s undialled',
    (hidden) => {
      expect(candidates(ip('203.0.113.1'), false, [ip(hidden)], none)).toEqual({
        kind: 'none',
        why: 'name_private',
      });
    },
  );
  test('nowhere when it has no address or only blocked ones', () => {
    expect(candidates(ip('203.0.113.1'), false, [], none)).toEqual({ kind: 'none', why: 'name_unresolved' });
    expect(candidates(ip('203.0.113.1'), false, [ip('198.51.100.1')], () => true)).toEqual({
      kind: 'none',
      why: 'upstream_blocked',
    });
  });
  test('to a few addresses at most', () => {
    const many = Array.from({ length: 50 }, (_, i) => ip(`198.51.100.${i}`));
    const found = candidates(ip('203.0.113.1'), false, many, none);
    expect(found.kind === 'some' && found.ips.length).toBe(4);
  });
});

test('deadlines come due in the order they were set, without those that were lifted', async () => {
  const due: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const queue = new DeadlineQueue<string>(5, (item) => {
    due.push(item);
    // What one does may lift another that is due as well.
    if (item === 'b') last.lift();
    if (item === 'e') resolve();
  });
  const first = queue.add('a');
  const second = queue.add('b');
  queue.add('c').lift();
  const last = queue.add('d');
  queue.add('e');
  first.lift();
  first.lift();
  await promise;
  second.lift();
  expect(due).toEqual(['b', 'e']);
  queue.close();
});

test('a closed queue of deadlines lets go of all of them', async () => {
  const due: string[] = [];
  const queue = new DeadlineQueue<string>(1, (item) => due.push(item));
  const lifted = queue.add('a');
  queue.add('b');
  queue.close();
  lifted.lift();
  const { promise, resolve } = Promise.withResolvers<void>();
  const later = new DeadlineQueue<string>(5, () => resolve());
  later.add('c');
  await promise;
  expect(due).toEqual([]);
  later.close();
});

test('percentiles are those of the latest samples', () => {
  const figure = new Percentiles();
  expect(figure.at(0.5)).toBeNull();
  for (let i = 0; i < 5_000; i++) figure.add(1_000_000);
  for (let i = 1; i <= 4_096; i++) figure.add(i);
  expect([figure.at(0), figure.at(0.5), figure.at(1)]).toEqual([1, 2_049, 4_096]);
});

test('first bytes are copied, bounded by a pause, and handed out once', () => {
  const first = new FirstBytes(false);
  const chunk = new Uint8Array(25_000).fill(7);
  first.conclude(false);
  expect([first.keep(chunk), first.keep(chunk), first.keep(chunk), first.keep(chunk)]).toEqual([
    false,
    false,
    true,
    false,
  ]);
  chunk.fill(0);
  const { bytes, paused } = first.release();
  expect([paused, bytes.length, bytes[3]?.[24_999]]).toEqual([true, 4, 7]);
  expect(first.release()).toEqual({ bytes: [], paused: false });
});

test('a refusal in HTTP carries no text of the client into its head', () => {
  const text = forbiddenResponse('a\r\nSet-Cookie: x', '203.0.113.1', {
    kind: 'block',
    stage: 'rules',
    reason: 'rule',
    evidence: [{ kind: 'note', text: 'b\r\n\r\n<html>' }],
  });
  const [head = '', body = ''] = text.split('\r\n\r\n');
  expect(head.split('\r\n')).toHaveLength(5);
  expect(head).toContain(`Content-Length: ${Buffer.byteLength(body)}`);
  expect(body).toBe('resolagent blocked a··Set-Cookie: x: b····<html>\n');
});

test('the last quarter of the connections is not for the user who holds most', () => {
  const share = new FairShare();
  const greedy = 1000 as Uid;
  const other = 1001 as Uid;
  for (let i = 0; i < 80; i++) share.taken(i as FlowId, greedy);
  // A flow that was kept waiting counts from then on, and not once more when it is decided.
  for (let i = 0; i < 80; i++) share.taken(i as FlowId, greedy);
  share.taken(80 as FlowId, other);
  expect([share.exhausted(greedy, 81, 100), share.exhausted(other, 81, 100)]).toEqual([true, false]);
  expect(share.exhausted(greedy, 81, 1_000)).toBe(false);
  for (let i = 0; i < 80; i++) share.given(i as FlowId);
  share.given(0 as FlowId);
  expect(share.exhausted(greedy, 81, 100)).toBe(false);
});
