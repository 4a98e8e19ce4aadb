import { afterEach, beforeEach, expect, test } from 'bun:test';
import type { Socket } from 'node:net';
import type { RegistrableDomain } from '../../src/model/brand.ts';
import { Registrations, type RegistrationTestOptions } from '../../src/registration/registrations.ts';
import { WhoisServer } from './registry-server.ts';

const NAME = 'example.io' as RegistrableDomain;
const REPLY = 'Domain Name: EXAMPLE.IO\r\nCreation Date: 1995-08-14T04:00:00Z\r\n';
const AT = Date.parse('1995-08-14T04:00:00Z') as never;
const BOOTSTRAP = { publication: '2026-01-01T00:00:00Z', services: [] };

let server: WhoisServer;
let open: Registrations[];

beforeEach(async () => {
  server = await new WhoisServer().listen();
  open = [];
});
afterEach(() => {
  for (const registrations of open) registrations.close();
  server.close();
});

function make(changes: Partial<RegistrationTestOptions> = {}): Registrations {
  const forTests = {
    allowPrivate: true,
    bootstrap: BOOTSTRAP,
    ianaWhois: 'localhost',
    whoisServers: { io: 'localhost' },
    whoisPort: server.port,
    ...changes,
  };
  const made = new Registrations({ stateDir: null, onTrouble: () => {}, forTests });
  open.push(made);
  return made;
}

const unknown = (why: string) => expect.objectContaining({ kind: 'unknown', why }) as never;

test('asks the WHOIS server of a zone without RDAP, one line, and keeps the answer', async () => {
  server.answer = (socket) => socket.end(REPLY);
  const registrations = make();
  expect(await registrations.ask(NAME)).toMatchObject({ kind: 'registered', at: AT, source: 'whois' });
  expect(registrations.age(NAME)).toMatchObject({ kind: 'registered', at: AT });
  expect(server.lines).toEqual(['example.io']);
});

test('asks IANA once for the server of a zone it does not know, by the zone alone', async () => {
  const referral = 'domain:  CO\n\nwhois:        localhost\n';
  server.answer = (socket, line) => socket.end(line === 'co' ? referral : REPLY.replace('EXAMPLE.IO', line));
  const registrations = make();
  const names = ['one.co', 'two.co', 'three.com.co'] as RegistrableDomain[];
  for (const answer of await Promise.all(names.map((name) => registrations.ask(name))))
    expect(answer).toMatchObject({ kind: 'registered', at: AT });
  expect(await registrations.ask('four.co' as RegistrableDomain)).toMatchObject({ kind: 'registered' });
  expect(server.lines.filter((line) => line === 'co')).toEqual(['co']);
  expect(server.lines).toHaveLength(5);
});

test.each([
  ['no server', 'domain: CO\n', 'no_service'],
  ['a server that is no name', 'whois: 127.0.0.1\n', 'no_service'],
  ['a server that does not exist', 'whois: nowhere.invalid\n', 'unreachable'],
])('IANA names %s', async (_what, referral, why) => {
  server.answer = (socket) => socket.end(referral);
  expect(await make().ask('example.co' as RegistrableDomain)).toEqual(unknown(why));
  expect(server.lines).toEqual(['co']);
});

test.each(['de', 'eu', 'at'])('asks nobody about .%s, whose registry never tells', async (zone) => {
  expect(await make().ask(`example.${zone}` as RegistrableDomain)).toEqual(unknown('no_date'));
  expect(server.lines).toEqual([]);
});

const replies: [string, (socket: Socket) => void, string][] = [
  ['an unknown domain', (socket) => socket.end('No match for domain "EXAMPLE.IO".\r\n'), 'not_found'],
  ['a plea to come later', (socket) => socket.end('Query limit exceeded\r\n'), 'rate_limited'],
  ['no date', (socket) => socket.end('Domain Name: EXAMPLE.IO\r\n'), 'no_date'],
  ['a date that cannot be', (socket) => socket.end('Creation Date: 1970-01-01\r\n'), 'malformed'],
  ['nothing', (socket) => socket.end(), 'unreachable'],
  ['a broken connection', (socket) => socket.destroy(), 'unreachable'],
  ['a silence', () => {}, 'timed_out'],
];
test.each(replies)('answers %s with a reason', async (_what, answer, why) => {
  server.answer = answer;
  expect(await make().ask(NAME)).toEqual(unknown(why));
});

test('does not take the date of another name that begins alike', async () => {
  server.answer = (socket) => socket.end(REPLY.replace('EXAMPLE.IO', 'EXAMPLE.IO.EVIL.TEST'));
  expect(await make().ask(NAME)).toEqual(unknown('malformed'));
});

test('a server that pleads is left alone, for other names too', async () => {
  server.answer = (socket) => socket.end('Query limit exceeded\r\n');
  const registrations = make();
  await registrations.ask(NAME);
  expect(await registrations.ask('other.io' as RegistrableDomain)).toEqual(unknown('rate_limited'));
  expect(server.lines).toEqual(['example.io']);
});

test('reads a reply in any number of pieces and any charset', async () => {
  server.answer = (socket) => {
    socket.setNoDelay(true);
    socket.write(Buffer.from([0xff, 0xfe, 0xe9, 0x00, 0x0a]));
    const bytes = [...Buffer.from(REPLY)];
    const next = (): void => {
      const byte = bytes.shift();
      if (byte === undefined) socket.end();
      else socket.write(Buffer.from([byte]), next);
    };
    next();
  };
  expect(await make().ask(NAME)).toMatchObject({ kind: 'registered', at: AT });
});

test('reads no more of an endless reply than its limit, and no line that the limit cut', async () => {
  const line = `${'x'.repeat(127)}\n`;
  const lines = 65_536 / line.length;
  server.answer = (socket) => {
    // Cut by the limit it would read as a date, whole it is none.
    const start = 'Creation Date: 19950814';
    socket.write(line.repeat(lines - 1));
    socket.write(`${'x'.repeat(127 - start.length)}\n${start}99999\n`);
    const flood = (): void => {
      while (socket.writable && socket.write(line.repeat(64)));
    };
    socket.on('drain', flood);
    flood();
  };
  expect(await make().ask(NAME)).toEqual(unknown('no_date'));
});

test('connects to no address of the own machine', async () => {
  server.answer = (socket) => socket.end(REPLY);
  expect(await make({ allowPrivate: false }).ask(NAME)).toEqual(unknown('unreachable'));
  expect(server.lines).toEqual([]);
});
