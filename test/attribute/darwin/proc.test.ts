import { expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  decodeBsdInfo,
  decodeCodeStatus,
  decodeCodeText,
  decodeUniqueId,
  signerOf,
} from '../../../src/attribute/darwin/proc.ts';
import { buildBsdInfo, buildCodeStatus, buildCodeText, buildUniqueId } from './bytes.ts';

const CURL = {
  pid: 901,
  ppid: 640,
  uid: 501,
  comm: 'curl',
  name: 'curl',
  startSec: 1_763_600_000,
  startUsec: 250_000,
};
const VALID = 0x1;
const AD_HOC = 0x2;
const PLATFORM = 0x4000000;
const SIGNED = 0x20000000;

test('reads what the kernel keeps of a process', () => {
  expect(decodeBsdInfo(buildBsdInfo(CURL))).toEqual({
    pid: 901,
    parent: 640,
    uid: 501,
    name: 'curl',
    startedUs: 1_763_600_000_250_000n,
  } as never);
});

test('takes the longer name of a process, and the shorter when there is no other', () => {
  const long = { ...CURL, comm: 'com.apple.WebKi', name: 'com.apple.WebKit.Networking' };
  expect(decodeBsdInfo(buildBsdInfo(long))?.name).toBe('com.apple.WebKit.Networking');
  expect(decodeBsdInfo(buildBsdInfo({ ...long, name: '' }))?.name).toBe('com.apple.WebKi');
});

test('reads no process of pid 0', () => {
  expect(decodeBsdInfo(buildBsdInfo({ ...CURL, pid: 0 }))).toBeNull();
});

test('reads the two numbers that tell lives of a pid apart', () => {
  expect(decodeUniqueId(buildUniqueId(1n << 40n, 7))).toEqual({ uniqueId: 1n << 40n, idVersion: 7 });
});

test('reads an identity and a team', () => {
  expect(decodeCodeText(buildCodeText('com.google.Chrome'))).toBe('com.google.Chrome');
  expect(decodeCodeText(buildCodeText(''))).toBeNull();
});

test('reads no text that claims to be longer than its room', () => {
  const bytes = buildCodeText('com.example');
  new DataView(bytes.buffer).setUint32(4, 4_000);
  expect(decodeCodeText(bytes)).toBeNull();
});

test.each([
  ['a developer', VALID | SIGNED, 'com.google.Chrome', 'EQHXZ8M8AV', 'EQHXZ8M8AV/com.google.Chrome'],
  ['Apple, as a part of macOS', VALID | SIGNED | PLATFORM, 'com.apple.curl', null, 'apple/com.apple.curl'],
  ['nobody, under a famous name', VALID | SIGNED | AD_HOC, 'com.apple.curl', null, null],
  ['nobody, under a famous name and team', VALID | SIGNED | AD_HOC, 'com.google.Chrome', 'EQHXZ8M8AV', null],
  ['somebody without a team', VALID | SIGNED, 'com.example', null, null],
  ['a developer, but the code was changed', SIGNED, 'com.google.Chrome', 'EQHXZ8M8AV', null],
  ['a developer without an identity', VALID | SIGNED, null, 'EQHXZ8M8AV', null],
])('names the signer of code signed by %s', (_who, flags, identity, team, signer) => {
  expect(signerOf(decodeCodeStatus(buildCodeStatus(flags)), identity, team)).toBe(signer);
});

test('names no signer when the status is unknown', () => {
  expect(signerOf(null, 'com.google.Chrome', 'EQHXZ8M8AV')).toBeNull();
});

test('reads nothing from a cut structure, and never throws on random bytes', () => {
  const [info, id] = [buildBsdInfo(CURL), buildUniqueId(5n, 1)];
  for (let end = 0; end < info.length; end++) expect(decodeBsdInfo(info.subarray(0, end))).toBeNull();
  for (let end = 0; end < id.length; end++) expect(decodeUniqueId(id.subarray(0, end))).toBeNull();
  const text = buildCodeText('com.example').subarray(0, 20);
  for (let end = 0; end < text.length; end++) expect(decodeCodeText(text.subarray(0, end))).toBeNull();
  for (let end = 0; end < 4; end++) expect(decodeCodeStatus(new Uint8Array(end))).toBeNull();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      decodeBsdInfo(bytes);
      decodeUniqueId(bytes);
      decodeCodeText(bytes);
      decodeCodeStatus(bytes);
    }),
  );
});
