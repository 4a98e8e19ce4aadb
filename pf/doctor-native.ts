import { realpathSync } from 'node:fs';
import type { Socket, TCPSocketConnectOptions } from 'bun';
import { findPcbs, pcbRecordSizes } from '../src/attribute/darwin/pcblist.ts';
import { decodeBsdInfo, PROC_BSD_INFO } from '../src/attribute/darwin/proc.ts';
import { DarwinProcesses } from '../src/attribute/darwin/process.ts';
import type { Ip, Pid } from '../src/model/brand.ts';
import type { Endpoint } from '../src/model/endpoint.ts';
import { BoundSockets, interfaceAddresses } from './bound-sockets.ts';
import type { DarwinCheck, DoctorParts, Finding } from './doctor-check.ts';
import type { DarwinNative } from './native.ts';
import { decodeNatlook, encodeNatlook } from './natlook.ts';
import { parseRedirectState } from './parse.ts';
import { pfctlWith, show } from './runner.ts';

const REPORT = 'report it with this line and the output of sw_vers';
const LAUNCHD = 1 as Pid;
/** A list that takes longer holds the event loop up. */
const LIST_MAX_MS = 5;
/** Redirected connections that pf is asked about. */
const STATES_MAX = 8;
const ARRIVAL_MS = 1_000;
const CLOCK_SLACK_US = 86_400_000_000n;

/** Kinds of records and the sizes that were read in the sources of macOS 13 to 15; the second size is before 13. */
const RECORDS: readonly (readonly [name: string, kind: number, ...bytes: number[]])[] = [
  ['xinpcb_n', 0x10, 104],
  ['xsocket_n', 0x1, 104, 76],
  ['xsockbuf_n (receive)', 0x2, 32],
  ['xsockbuf_n (send)', 0x4, 32],
  ['xsockstat_n', 0x8, 136],
  ['xtcpcb_n', 0x20, 204, 208],
];

/** The checks of the kernel's calls and structures. */
export const NATIVE_CHECKS: readonly DarwinCheck[] = [
  { name: 'system calls', look: systemCalls },
  { name: 'socket list layout', look: withNative(socketListLayout) },
  { name: 'socket list owner', look: withNative(socketListOwner) },
  { name: 'socket list cost', look: withNative(socketListCost) },
  { name: 'process info', look: withNative(processInfo) },
  { name: 'code signing', look: withNative(codeSigning) },
  { name: 'responsible process', look: withNative(responsibleProcess) },
  { name: 'bound socket', look: withNative(boundSocket) },
  { name: 'pf question', look: withNative(pfQuestion) },
  { name: 'pf answers', look: withNative(pfAnswers) },
];

function withNative(
  look: (native: DarwinNative, parts: DoctorParts) => Finding | Promise<Finding>,
): DarwinCheck['look'] {
  return (parts) =>
    typeof parts.native === 'string'
      ? { state: 'unknown', detail: 'the calls of macOS cannot be made', remedy: null }
      : look(parts.native, parts);
}

function systemCalls({ native }: DoctorParts): Finding {
  if (typeof native === 'string') return { state: 'fail', detail: native, remedy: REPORT };
  const { ioctl, responsiblePid } = native.found;
  const detail = `ioctl by ${ioctl ?? 'nothing'}, responsible process ${responsiblePid ? 'found' : 'not found'}`;
  return ioctl === null ? { state: 'warn', detail, remedy: REPORT } : ok(detail);
}

function socketListLayout(native: DarwinNative): Finding {
  const list = native.tcpSockets();
  if (list === null) return { state: 'fail', detail: 'the list of sockets was refused', remedy: REPORT };
  const sizes = pcbRecordSizes(list);
  const detail = RECORDS.map(([name, kind]) => `${name} ${sizes.get(kind)?.bytes ?? 'missing'}`).join(', ');
  const { sound } = findPcbs(list, { ip: '127.0.0.1' as Ip, port: 1 }, null);
  const known = RECORDS.every(([, kind, ...bytes]) => bytes.includes(sizes.get(kind)?.bytes ?? 0));
  if (!sound)
    return { state: 'fail', detail: `the list does not end as it should; ${detail}`, remedy: REPORT };
  return known
    ? ok(detail)
    : { state: 'warn', detail: `sizes that were not seen before: ${detail}`, remedy: REPORT };
}

async function socketListOwner(native: DarwinNative): Promise<Finding> {
  const server = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: () => {} } });
  const client = await Bun.connect({ hostname: '127.0.0.1', port: server.port, socket: { data: () => {} } });
  try {
    const local: Endpoint = { ip: client.localAddress as Ip, port: client.localPort };
    const remote: Endpoint = { ip: '127.0.0.1' as Ip, port: server.port };
    const list = native.tcpSockets();
    const row = list === null ? undefined : findPcbs(list, local, remote).rows[0];
    if (row === undefined)
      return { state: 'fail', detail: 'a connection of our own is not in the list', remedy: REPORT };
    const pid = row.effectivePid ?? row.lastPid;
    const detail = `a connection of our own belongs to pid ${pid}, user ${row.uid}; we are pid ${process.pid}`;
    return pid === process.pid ? ok(detail) : { state: 'fail', detail, remedy: REPORT };
  } finally {
    client.terminate();
    server.stop(true);
  }
}

function socketListCost(native: DarwinNative, { now }: DoctorParts): Finding {
  const startedAt = now();
  const list = native.tcpSockets();
  const { sockets } = findPcbs(list ?? new Uint8Array(), { ip: '127.0.0.1' as Ip, port: 1 }, null);
  const tookMs = now() - startedAt;
  const detail = `${sockets} sockets in ${tookMs.toFixed(2)} ms`;
  return tookMs <= LIST_MAX_MS
    ? ok(detail)
    : { state: 'warn', detail: `${detail}: connections are held up by it`, remedy: REPORT };
}

function processInfo(native: DarwinNative): Finding {
  const pid = process.pid as Pid;
  const bytes = native.pidInfo(pid, PROC_BSD_INFO.flavor, PROC_BSD_INFO.bytes);
  const info = bytes === null ? null : decodeBsdInfo(bytes);
  const path = native.pidPath(pid);
  if (info === null || path === null)
    return { state: 'fail', detail: 'the kernel tells nothing of our own process', remedy: REPORT };
  const ageUs = BigInt(Date.now()) * 1_000n - info.startedUs;
  const right =
    info.pid === pid &&
    info.parent === process.ppid &&
    info.uid === process.geteuid?.() &&
    ageUs > -CLOCK_SLACK_US &&
    path === realpathSync(process.execPath);
  const detail = `pid ${info.pid}, parent ${info.parent}, user ${info.uid}, name ${info.name}, path ${path}`;
  return right ? ok(detail) : { state: 'fail', detail: `not what we are: ${detail}`, remedy: REPORT };
}

function codeSigning(native: DarwinNative): Finding {
  const launchd = new DarwinProcesses(native).describe(LAUNCHD);
  const signer = launchd.state === 'known' ? launchd.process.signer : null;
  if (signer?.startsWith('apple/')) return ok(`launchd is signed by ${signer}`);
  return {
    state: 'fail',
    detail: `launchd (${launchd.state}) should be signed by Apple, and is by ${signer}`,
    remedy: REPORT,
  };
}

function responsibleProcess(native: DarwinNative): Finding {
  const pid = native.responsiblePid(process.pid as Pid);
  if (pid !== null) return ok(`pid ${pid} answers for us`);
  return { state: 'warn', detail: 'not known: a helper is shown without its app', remedy: REPORT };
}

/** A connection to ourselves on lo0, made as those are that keep to a program's interface. */
async function boundSocket({ boundSockets }: DarwinNative): Promise<Finding> {
  if (boundSockets === null)
    return { state: 'warn', detail: 'not without ioctl: programs that tunnel are refused', remedy: REPORT };
  const { promise: arrived, resolve } = Promise.withResolvers<boolean>();
  const server = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: () => resolve(true) } });
  const late = setTimeout(resolve, ARRIVAL_MS, false);
  const loopback = interfaceAddresses().find(({ ip }) => ip === '127.0.0.1')?.name ?? 'lo0';
  const to = { ip: '127.0.0.1' as Ip, port: server.port };
  const fd = new BoundSockets(boundSockets, () => []).open(loopback, to, 0);
  try {
    if (typeof fd === 'string')
      return { state: 'fail', detail: `cannot connect on ${loopback}: ${fd}`, remedy: REPORT };
    const send = (socket: Socket): void => void socket.write('x');
    const options = { fd, socket: { drain: send, open: send, data: () => {} } };
    await Bun.connect(options as unknown as TCPSocketConnectOptions<undefined>);
    return (await arrived)
      ? ok(`a connection on ${loopback} arrived`)
      : { state: 'fail', detail: `nothing arrived by a socket bound to ${loopback}`, remedy: REPORT };
  } finally {
    clearTimeout(late);
    server.stop(true);
  }
}

function pfQuestion(native: DarwinNative): Finding {
  if (native.natlook === null) {
    return {
      state: 'warn',
      detail: `/dev/pf cannot be asked: ${native.pfError}`,
      remedy: 'run it with sudo',
    };
  }
  // A connection that does not exist: whoever understands the question says so.
  const question = encodeNatlook({ ip: '192.0.2.1' as Ip, port: 1 }, { ip: '127.0.0.1' as Ip, port: 1 });
  const reply = native.natlook(question ?? new Uint8Array());
  if (!reply.ok && reply.errno === 'ENOENT') return ok('the kernel knows the question');
  return {
    state: 'fail',
    detail: `expected ENOENT, got ${reply.ok ? 'an answer' : reply.errno}`,
    remedy: REPORT,
  };
}

async function pfAnswers(native: DarwinNative, { run, proxyPort }: DoctorParts): Promise<Finding> {
  const states = (await show(pfctlWith(run), ['-s', 'state'])).split('\n').map(parseRedirectState);
  const ours = states
    .filter((state) => state !== null && state.proxy.port === proxyPort)
    .slice(0, STATES_MAX);
  if (ours.length === 0) {
    return {
      state: 'unknown',
      detail: 'no redirected connection to ask about',
      remedy: 'run it again while the engine works',
    };
  }
  const wrong = ours.filter((state) => {
    const question = state === null ? null : encodeNatlook(state.client, state.proxy);
    const reply = question === null ? undefined : native.natlook?.(question);
    const dst = reply?.ok ? decodeNatlook(reply.bytes) : null;
    return dst?.ip !== state?.dialled.ip || dst?.port !== state?.dialled.port;
  });
  if (wrong.length === 0) return ok(`pf and pfctl agree on ${ours.length} connections`);
  return {
    state: 'fail',
    detail: `pf and pfctl disagree on ${wrong.length} of ${ours.length} connections`,
    remedy: REPORT,
  };
}

function ok(detail: string): Finding {
  return { state: 'ok', detail, remedy: null };
}
