import { expect, test } from 'bun:test';
import { type NatAnswer, settleOriginalDst } from '../../pf/original-dst.ts';
import type { PcbRow } from '../../src/attribute/darwin/pcblist.ts';
import type { OriginalDst } from '../../src/intercept/interceptor.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import { at } from '../attribute/darwin/bytes.ts';

const CLIENT = at('192.168.1.5', 50_123);
const PROXY = at('127.0.0.1', 17_443);
const SERVER = at('203.0.113.7', 443);
const OTHER = at('198.51.100.9', 443);

const socketTo = (remote: Endpoint): PcbRow => ({
  local: CLIENT,
  remote,
  uid: null,
  lastPid: null,
  effectivePid: null,
  tcpState: 4,
});
const pf = (dst: Endpoint): NatAnswer => ({ kind: 'dst', dst });
const NO_STATE: NatAnswer = { kind: 'no_state' };
const SILENT: NatAnswer = { kind: 'unavailable', error: 'no /dev/pf' };
const to = (dst: Endpoint): OriginalDst => ({ kind: 'redirected', dst });
const DIRECT: OriginalDst = { kind: 'direct' };
const failed = (error: string): OriginalDst => ({ kind: 'failed', error });

test.each([
  ['both sources agree', [SERVER], pf(SERVER), to(SERVER)],
  ['only pf knows it', [], pf(SERVER), to(SERVER)],
  ['the list cannot be read and pf knows it', null, pf(SERVER), to(SERVER)],
  ['pf picks one of several connections from one port', [OTHER, SERVER], pf(SERVER), to(SERVER)],
  [
    'the sources disagree',
    [OTHER],
    pf(SERVER),
    failed("pf says 203.0.113.7:443, the client's socket says 198.51.100.9:443"),
  ],
  ['pf names the proxy itself', [PROXY], pf(PROXY), DIRECT],
  ['pf is silent and one socket is there', [SERVER], SILENT, to(SERVER)],
  ['pf is silent and the same socket is listed twice', [SERVER, SERVER], SILENT, to(SERVER)],
  ['pf is silent and the socket is bound, not connected', [at('0.0.0.0', 0), SERVER], SILENT, to(SERVER)],
  ['pf is silent and the socket was made to the proxy', [PROXY], SILENT, DIRECT],
  ['pf is silent and no socket is there', [], SILENT, failed('the client is gone; no /dev/pf')],
  [
    'pf is silent and the list cannot be read',
    null,
    SILENT,
    failed('the list of sockets could not be read; no /dev/pf'),
  ],
  [
    'pf is silent and one port has two connections',
    [SERVER, OTHER],
    SILENT,
    failed('the client uses one port for 203.0.113.7:443 and 198.51.100.9:443'),
  ],
  ['pf has no state and the client is gone', [], NO_STATE, DIRECT],
  ['pf has no state and the socket was made to the proxy', [PROXY], NO_STATE, DIRECT],
  ['pf has no state and one of two connections is to the proxy', [SERVER, PROXY], NO_STATE, DIRECT],
  ['pf lost the state of a redirected socket', [SERVER], NO_STATE, to(SERVER)],
  [
    'pf lost its state and one port has two connections',
    [SERVER, OTHER],
    NO_STATE,
    failed('the client uses one port for 203.0.113.7:443 and 198.51.100.9:443'),
  ],
] as [string, Endpoint[] | null, NatAnswer, OriginalDst][])('when %s', (_when, sockets, nat, expected) => {
  const rows = sockets?.map(socketTo) ?? null;
  expect(settleOriginalDst({ fd: -1, peer: CLIENT, local: PROXY }, rows, nat)).toEqual(expected);
});
