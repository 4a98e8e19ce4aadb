import { expect, test } from 'bun:test';
import { guardedPorts } from '../../nft/forget.ts';
import { renderTable } from '../../nft/table.ts';

const PLAN = { port: 297, gid: 991, skip: [], ports: [80, 443], rejectUdp443: true } as const;

test('the guarded ports are read from our own text and from what nft makes of it, and no others', () => {
  expect(guardedPorts(renderTable(PLAN))).toEqual([297]);
  expect(guardedPorts(renderTable({ ...PLAN, sparePorts: [298, 40_001] }))).toEqual([297, 298, 40_001]);
  // nft -a list table inet resolagent, nft 1.0.6
  const listed =
    '\tchain guard_in { # handle 3\n\t\ttype filter hook input priority filter; policy accept;\n\t\ttcp dport { 297, 298 } ct status dnat socket transparent 1 return # handle 21\n';
  expect(guardedPorts(listed)).toEqual([297, 298]);
  expect(guardedPorts(listed.replace('{ 297, 298 }', '297'))).toEqual([297]);
  // A table of a version without the guard.
  expect(
    guardedPorts(
      'table inet resolagent {\n\tchain redirect_out {\n\t\ttcp dport { 80 } redirect to :17443\n\t}\n}\n',
    ),
  ).toEqual([]);
});
