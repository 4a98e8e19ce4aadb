import { expect } from 'bun:test';
import { chmodSync, statSync } from 'node:fs';
import { hello } from './clients/talk.ts';
import { ControlLine } from './world/control-line.ts';
import { endToEnd } from './world/end-to-end.ts';
import { publicBinary } from './world/firewall.ts';

const NOBODY = 65_534;
const CONNECT = `
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(5)
s.connect(sys.argv[1])
s.sendall(b'{"id":1,"method":"rules.add","origin":"command","rules":[{"action":"allow","host":"*"}]}\\n')
try:
    while chunk := s.recv(4096):
        print(chunk.decode())
except ConnectionResetError:
    pass
`;

const test = endToEnd('control', () => ({}));

test('the socket is for its owner alone', async ({ firewall }) => {
  expect((statSync(firewall.socket).mode & 0o777).toString(8)).toBe('600');
});

test('another user is refused, by the command and by the socket', async ({ world, firewall }) => {
  const binary = publicBinary(world);
  const options = { uid: NOBODY, env: { HOME: '/tmp' } };
  for (const command of [['status'], ['allow', 'example.org'], ['rules', 'list']]) {
    const ran = await world.program([binary, ...command, ...firewall.places], options);
    expect([...command, ran.code, ran.signal]).toEqual([...command, 3, null]);
    expect(ran.stderr).toMatch(/sudo|permi/);
  }
  const ran = await world.program(['python3', '-c', CONNECT, firewall.socket], options);
  expect(ran.stderr).toContain('PermissionError');
  expect((await firewall.status()).rules).toBe(0);
});

test('another user is refused even where the files let him in', async ({ world, firewall }) => {
  const folder = `${firewall.folder}/run`;
  chmodSync(folder, 0o777);
  chmodSync(firewall.socket, 0o777);
  const ran = await world.program(['python3', '-c', CONNECT, firewall.socket], { uid: NOBODY });
  chmodSync(firewall.socket, 0o600);
  chmodSync(folder, 0o700);
  expect(ran.stdout).toContain('user id 65534 may not use this socket');
  expect((await firewall.status()).rules).toBe(0);
});

test('another user, whose own socket has no engine, is told that one of root may run all the same', async ({
  world,
  firewall,
}) => {
  const [program] = firewall.program;
  const socket = `${world.folder}/nobodys.sock`;
  for (const command of [['status'], ['block', 'x.example']]) {
    const ran = await world.program([program, ...command, '--socket', socket], { uid: NOBODY });
    expect(ran.stdout + ran.stderr).toContain('with sudo an engine of root answers');
  }
  const root = await world.program([program, 'status', '--socket', socket]);
  expect(root.stdout).toContain("; start it with 'sudo resolagent'");
});

test('a bad message gets an error, changes nothing, and the next good one is answered', async ({
  firewall,
}) => {
  await using control = await ControlLine.open(firewall.socket);
  for (const line of [
    'not json',
    '[]',
    '{"id":1}',
    '{"id":2,"method":"rules.add","origin":"command","rules":[{"action":"allow","host":"a b"}]}',
    '{"id":3,"method":"rules.add","origin":"command","rules":[{"action":"allow","host":"ok.example.org"},{"action":"sometimes","host":"x.example.org"}]}',
    '{"id":4,"method":"status","extra":true}',
    '{"id":5,"method":"no.such.method"}',
    `{"id":6,"method":"flows","filter":"${'x'.repeat(2_000)}"}`,
  ]) {
    expect([line.slice(0, 60), await control.say(line)]).toMatchObject([
      line.slice(0, 60),
      { ok: false, error: { code: 'bad_request' } },
    ]);
  }
  expect(await control.ask({ method: 'rules.list' })).toMatchObject({ ok: true, result: { rules: [] } });
});

test('a connection made straight to the proxy is refused and written down', async ({ world, firewall }) => {
  for (const ip of ['127.0.0.1', '::1']) {
    expect((await hello(world, { ip, port: 297, name: 'straight.e2e.test' })).outcome).toBe('reset');
  }
  const flows = await firewall.flows('reason:not_redirected');
  expect(flows.map(({ effect }) => effect)).toEqual(['reset', 'reset']);
  expect((await firewall.status()).counts.notRedirected).toBe(2);
});
