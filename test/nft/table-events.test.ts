import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { TableEvents } from '../../nft/table-events.ts';

// Recorded on Linux 6.18 from a socket in NFNLGRP_NFTABLES, a line a datagram; the program was nft 1.0.6, `nft -f -`.
const END = (pid: string): string =>
  `2c0000000f0a000001000000ac07000000000002080001000000000208000200${pid}080003006e667400`;
/** add table inet resolagent; delete table inet resolagent; table inet resolagent { } */
const MADE =
  '40000000000a000001000000ac070000010000020f0001007265736f6c6167656e74000008000300000000000c000400000000000000000108000200000000003800' +
  '0000020a000002000000ac070000010000020f0001007265736f6c6167656e74000008000300000000000c000400000000000000000140000000000a000003000000ac' +
  '070000010000020f0001007265736f6c6167656e7400000800030000000000' +
  '0c00040000000000000000020800020000000000';
/** add rule inet resolagent refuse_out accept */
const RULE =
  '74000000060a000c01000000ad070000010000030f0001007265736f6c6167656e7400000f0002007265667573655f6f757400000c0003000000000000000003340004' +
  '00300001000e000100696d6d6564696174650000001c0002000800010000000000100002000c0002000800010000000001';
/** table inet other { chain resolagent { } }; table ip resolagent { } */
const OTHER =
  '3c000000000a000001000000ae070000010000040a0001006f7468657200000008000300000000010c00040000000000000000030800020000000000440000' +
  '00030a000402000000ae070000010000040a0001006f746865720000000f0003007265736f6c6167656e7400000c0002000000000000000001080006000000' +
  '000040000000000a000003000000ae070000020000040f0001007265736f6c6167656e74000008000300000000000c00040000000000000000040800020000000000';
/** flush ruleset */
const FLUSHED =
  '38000000020a000001000000af070000010000050f0001007265736f6c6167656e74000008000300000000000c0004000000000000000002';

function read(...datagrams: readonly string[]) {
  const events = new TableEvents();
  return datagrams.flatMap((hex) => events.push(Buffer.from(hex, 'hex')));
}

test('a transaction that makes our table tells the handle of the last one, and its sender', () => {
  expect(read(MADE)).toEqual([]);
  expect(read(MADE, END('000007ac'))).toEqual([{ handle: '2', by: 'nft (pid 1964)' }]);
});

test('a rule more and a flush are changes that make no table', () => {
  const change = { handle: null, by: 'nft (pid 1965)' };
  expect(read(RULE + END('000007ad'))).toEqual([change]);
  expect(read(FLUSHED, END('000007ad'))).toEqual([change]);
  expect(read(MADE, END('000007ac'), FLUSHED, END('000007ad'))).toHaveLength(2);
});

test('tables of another name or family are not ours, nor is a chain of our name', () => {
  expect(read(OTHER, END('000007ae'))).toEqual([]);
});

test('bytes cut anywhere, and any bytes at all, are read without an error', () => {
  const whole = Buffer.from(MADE + RULE + FLUSHED + END('000007ac'), 'hex');
  for (let i = 0; i < whole.length; i++) new TableEvents().push(whole.subarray(0, i));
  const property = fc.property(
    fc.uint8Array({ maxLength: 300 }),
    fc.nat({ max: whole.length }),
    (tail, cut) => {
      new TableEvents().push(Buffer.concat([whole.subarray(0, cut), tail]));
    },
  );
  fc.assert(property);
});
