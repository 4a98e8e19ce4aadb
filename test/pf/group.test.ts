import { expect, test } from 'bun:test';
import { checkGroup, ensureGroup, freeGid } from '../../pf/group.ts';
import { FakePf } from './fake-pf.ts';

test('makes the group with the lowest free number, and finds it again', async () => {
  const mac = new FakePf();
  mac.groups.set('_other', 350);
  mac.users.set('_thing', 351);
  expect(await ensureGroup(mac.run, '_resolagent')).toEqual({ gid: 352 });
  expect(mac.calls.filter((call) => call.includes('-create'))).toEqual([
    '/usr/bin/dscl . -create /Groups/_resolagent',
    '/usr/bin/dscl . -create /Groups/_resolagent PrimaryGroupID 352',
  ]);
  mac.calls.length = 0;
  expect(await ensureGroup(mac.run, '_resolagent')).toEqual({ gid: 352 });
  expect(mac.calls).toEqual(['/usr/bin/dscl . -list /Groups PrimaryGroupID']);
});

test('takes no number when all are in use', async () => {
  const mac = new FakePf();
  for (let gid = 350; gid <= 450; gid++) mac.groups.set(`_g${gid}`, gid);
  expect(freeGid(mac.groups)).toBeNull();
  await expect(ensureGroup(mac.run, '_resolagent')).rejects.toThrow('no free group number');
});

test('says what dscl said when the group cannot be made', async () => {
  const mac = new FakePf();
  mac.failures.set('dscl', 'DS Error: -14120 (eDSPermissionError)');
  await expect(ensureGroup(mac.run, '_resolagent')).rejects.toThrow('(eDSPermissionError); make it by hand');
});

test('refuses a group of root or of nobody, whose traffic would all be exempt', async () => {
  const mac = new FakePf();
  mac.groups.set('nobody', -2);
  await expect(ensureGroup(mac.run, 'wheel')).rejects.toThrow('has the number 0');
  await expect(ensureGroup(mac.run, 'nobody')).rejects.toThrow('has the number -2');
});

test('refuses a number that another group has too', async () => {
  const mac = new FakePf();
  mac.groups.set('_resolagent', 360).set('_twin', 360);
  await expect(ensureGroup(mac.run, '_resolagent')).rejects.toThrow(
    'used by the groups _resolagent and _twin',
  );
});

test('warns about users who are in the group, by membership or by their first group', async () => {
  const mac = new FakePf();
  expect(await checkGroup(mac.run, '_resolagent')).toMatchObject({
    state: 'ok',
    detail: expect.stringContaining('does not exist yet'),
  });
  mac.groups.set('_resolagent', 360);
  expect(await checkGroup(mac.run, '_resolagent')).toMatchObject({
    state: 'ok',
    detail: 'gid 360, nobody is in it',
  });
  mac.users.set('mallory', 360);
  mac.members = ['eve', 'mallory'];
  expect(await checkGroup(mac.run, '_resolagent')).toMatchObject({
    state: 'warn',
    detail: 'gid 360; its traffic is not filtered, and these users can take it: eve, mallory',
  });
});

test('does not know about the group when dscl cannot be asked', async () => {
  const item = await checkGroup(async () => {
    throw new Error('no such program');
  }, '_resolagent');
  expect(item).toMatchObject({ state: 'unknown', detail: 'no such program' });
});
