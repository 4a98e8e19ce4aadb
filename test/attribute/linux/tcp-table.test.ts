import { describe, expect, test } from 'bun:test';
import { findTcpRow } from '../../../src/attribute/linux/tcp-table.ts';
import type { Ip } from '../../../src/model/brand.ts';
import type { Endpoint } from '../../../src/model/endpoint.ts';
import recorded from '../../fixtures/linux/sockets.json' with { type: 'json' };

const end = ([ip, port]: readonly (string | number)[]): Endpoint => ({ ip: ip as Ip, port: Number(port) });

describe('the text tables', () => {
  const tcp = Buffer.from(recorded.tcp);
  const tcp6 = Buffer.from(recorded.tcp6);
  const uid = 1_000 as never;

  test('have the socket by both its ends', () => {
    expect(findTcpRow(tcp, end(['192.0.2.2', 50_001]), end(['203.0.113.2', 443]), false)).toEqual({
      uid,
      inode: 687_066,
    });
    expect(findTcpRow(tcp6, end(['2001:db8:1::2', 50_001]), end(['2001:db8:5::1', 443]), true)).toEqual({
      uid,
      inode: 687_067,
    });
  });

  test('have an IPv4-mapped socket in the IPv6 table', () => {
    const [local, remote] = [end(['192.0.2.2', 40_866]), end(['203.0.113.3', 443])];
    expect(findTcpRow(tcp, local, remote, false)).toBeNull();
    expect(findTcpRow(tcp6, local, remote, true)).toEqual({ uid, inode: 687_074 });
  });

  test('have no user for what is left of a closed connection', () => {
    expect(findTcpRow(tcp, end(['192.0.2.2', 50_001]), end(['203.0.113.1', 443]), false)).toBeNull();
  });

  test('a table that is cut anywhere gives the row or null', () => {
    for (let size = 0; size < tcp.length; size++) {
      const row = findTcpRow(
        tcp.subarray(0, size),
        end(['192.0.2.2', 50_001]),
        end(['203.0.113.2', 443]),
        false,
      );
      if (row !== null) expect(row.uid).toBe(uid);
    }
  });
});
