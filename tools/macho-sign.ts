import { createHash } from 'node:crypto';
import { commands, LC_CODE_SIGNATURE, MAGIC } from './macho.ts';

/*
 * Signs a 64-bit Mach-O program ad hoc, on any system: one CodeDirectory in a superblob, as `codesign -s -` makes it, without
 * requirements or entitlements (XNU osfmk/kern/cs_blobs.h, bsd/kern/ubc_subr.c).
 */
const LC_SEGMENT_64 = 0x19;
const VERSION = 0x20400;
const AD_HOC = 2;
const MAIN_BINARY = 1n;
const PAGE_BITS = 12;
const SUPER_BLOB_BYTES = 20;
const DIRECTORY_BYTES = 88;
const HASH = { type: 2, bytes: 32 };
/** Segments are mapped in pages of this size on Apple silicon. */
const SEGMENT_PAGE_BYTES = 16_384;
const SIGNATURE_ALIGN = 16;

/**
 * The program with a signature of its own in place of the one it has. Throws when it has no place for one, or when that is not at
 * its end: what stands behind it would be lost.
 */
export function signMachO(file: Uint8Array, identifier: string): Uint8Array {
  const old = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const all = commands(old);
  if (typeof all === 'string') throw new Error(`cannot be signed: ${all}`);
  const place = all.find((command) => command.kind === LC_CODE_SIGNATURE);
  const text = all.find((command) => segmentName(old, command) === '__TEXT');
  const linkedit = all.find((command) => segmentName(old, command) === '__LINKEDIT');
  if (place === undefined || text === undefined || linkedit === undefined)
    throw new Error('cannot be signed: it has no place for a signature');
  const codeEnd = old.getUint32(place.at + 8, true);
  if (codeEnd + old.getUint32(place.at + 12, true) !== file.length)
    throw new Error('cannot be signed: its signature is not its end');

  const name = new TextEncoder().encode(`${identifier}\0`);
  const pages = Math.ceil(codeEnd / 2 ** PAGE_BITS);
  const hashesAt = DIRECTORY_BYTES + name.length;
  const blobBytes = SUPER_BLOB_BYTES + hashesAt + pages * HASH.bytes;
  const signed = new Uint8Array(align(codeEnd + blobBytes, SIGNATURE_ALIGN));
  signed.set(file.subarray(0, codeEnd));

  // The load commands are on a page that is hashed: they come first.
  const view = new DataView(signed.buffer);
  view.setUint32(place.at + 12, signed.length - codeEnd, true);
  const linked = signed.length - Number(old.getBigUint64(linkedit.at + 40, true));
  view.setBigUint64(linkedit.at + 48, BigInt(linked), true);
  view.setBigUint64(linkedit.at + 32, BigInt(align(linked, SEGMENT_PAGE_BYTES)), true);

  const superBlob = new DataView(signed.buffer, codeEnd);
  putWords(superBlob, [MAGIC.superBlob, blobBytes, 1, 0, SUPER_BLOB_BYTES]);
  const directory = new DataView(signed.buffer, codeEnd + SUPER_BLOB_BYTES);
  putWords(directory, [
    ...[MAGIC.codeDirectory, blobBytes - SUPER_BLOB_BYTES, VERSION, AD_HOC],
    ...[hashesAt, DIRECTORY_BYTES, 0, pages, codeEnd],
  ]);
  directory.setUint8(36, HASH.bytes);
  directory.setUint8(37, HASH.type);
  directory.setUint8(39, PAGE_BITS);
  directory.setBigUint64(64, old.getBigUint64(text.at + 40, true));
  directory.setBigUint64(72, old.getBigUint64(text.at + 48, true));
  directory.setBigUint64(80, MAIN_BINARY);
  const inDirectory = signed.subarray(codeEnd + SUPER_BLOB_BYTES);
  inDirectory.set(name, DIRECTORY_BYTES);
  for (let page = 0; page < pages; page++) {
    const code = signed.subarray(page << PAGE_BITS, Math.min(codeEnd, (page + 1) << PAGE_BITS));
    inDirectory.set(createHash('sha256').update(code).digest(), hashesAt + page * HASH.bytes);
  }
  return signed;
}

function segmentName(view: DataView, command: { kind: number; at: number; bytes: number }): string | null {
  if (command.kind !== LC_SEGMENT_64 || command.bytes < 72) return null;
  const name = new Uint8Array(view.buffer, view.byteOffset + command.at + 8, 16);
  return new TextDecoder().decode(name).replace(/\0.*$/s, '');
}

function putWords(view: DataView, words: readonly number[]): void {
  for (const [i, word] of words.entries()) view.setUint32(i * 4, word);
}

function align(size: number, to: number): number {
  return Math.ceil(size / to) * to;
}
