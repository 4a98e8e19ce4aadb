/**
 * The container that compiled lists lie in: a header with a directory, then named sections, each on a 64-byte boundary.
 *
 * bytes 0..7 magic · 8 version · 12 checksum of the bytes from 16 to the header's end · 16 header bytes · 20 sections ·
 * 24 total bytes (f64) · 32 on: 40 bytes a section: name (16 bytes, NUL-padded ASCII), offset (f64), bytes (f64), checksum, 0.
 * Numbers are little-endian 32-bit words unless said otherwise.
 */
const MAGIC = 'RSLLISTS';
const VERSION = 1;
const FIXED_BYTES = 32;
const ENTRY_BYTES = 40;
const NAME_BYTES = 16;
const ALIGN = 64;
const SECTIONS_MAX = 64;

/** 32-bit checksum of some bytes; the edge hands in the machine's fastest CRC-32. */
export type Checksum = (bytes: Uint8Array) => number;

export interface Section {
  /** ASCII, at most 16 characters. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface Layout {
  readonly header: Uint8Array;
  /** Where each section goes, in the order given. The gaps between are zero. */
  readonly offsets: readonly number[];
  readonly totalBytes: number;
}

/** Lays sections out and makes the header that describes them. Throws when a name is too long or there are too many. */
export function layoutSections(sections: readonly Section[], checksum: Checksum): Layout {
  if (sections.length > SECTIONS_MAX) throw new Error('too many sections');
  const header = new Uint8Array(align(FIXED_BYTES + ENTRY_BYTES * sections.length));
  const view = new DataView(header.buffer);
  const offsets: number[] = [];
  let end = header.length;
  sections.forEach((section, i) => {
    if (section.name.length > NAME_BYTES) throw new Error(`section name too long: ${section.name}`);
    const at = FIXED_BYTES + i * ENTRY_BYTES;
    writeAscii(header, at, section.name);
    view.setFloat64(at + 16, end, true);
    view.setFloat64(at + 24, section.bytes.length, true);
    view.setUint32(at + 32, checksum(section.bytes), true);
    offsets.push(end);
    end = align(end + section.bytes.length);
  });
  writeAscii(header, 0, MAGIC);
  view.setUint32(8, VERSION, true);
  view.setUint32(16, header.length, true);
  view.setUint32(20, sections.length, true);
  view.setFloat64(24, end, true);
  view.setUint32(12, checksum(header.subarray(16)), true);
  return { header, offsets, totalBytes: end };
}

export type ReadSections =
  | { readonly kind: 'ok'; readonly sections: ReadonlyMap<string, Uint8Array> }
  | { readonly kind: 'damaged'; readonly why: string };

/**
 * Finds the sections in the bytes of a whole file, without copying. Header, length and directory are always checked; the
 * content of a section only when `verify` says so for its name, because that reads all of it.
 */
export function readSections(
  bytes: Uint8Array,
  checksum: Checksum,
  verify: (name: string) => boolean,
): ReadSections {
  const header = headerOf(bytes, checksum);
  if (typeof header === 'string') return { kind: 'damaged', why: header };
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  const sections = new Map<string, Uint8Array>();
  for (let i = 0; i < view.getUint32(20, true); i++) {
    const at = FIXED_BYTES + i * ENTRY_BYTES;
    const name = readAscii(header, at);
    const offset = view.getFloat64(at + 16, true);
    const size = view.getFloat64(at + 24, true);
    if (!inside(offset, size, bytes.length))
      return { kind: 'damaged', why: `section ${name} lies outside the file` };
    const content = bytes.subarray(offset, offset + size);
    if (verify(name) && checksum(content) !== view.getUint32(at + 32, true)) {
      return { kind: 'damaged', why: `section ${name} does not match its checksum` };
    }
    sections.set(name, content);
  }
  return { kind: 'ok', sections };
}

/** The header's bytes, or what is wrong with them. */
function headerOf(bytes: Uint8Array, checksum: Checksum): Uint8Array | string {
  if (bytes.length < FIXED_BYTES) return 'the file is shorter than its header';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (readAscii(bytes.subarray(0, 8), 0) !== MAGIC) return 'this is not a file of compiled lists';
  const version = view.getUint32(8, true);
  if (version !== VERSION) return `it has format version ${version}, this program reads version ${VERSION}`;
  const size = view.getUint32(16, true);
  const count = view.getUint32(20, true);
  if (count > SECTIONS_MAX || size !== align(FIXED_BYTES + count * ENTRY_BYTES) || size > bytes.length) {
    return 'its header has an impossible size';
  }
  if (checksum(bytes.subarray(16, size)) !== view.getUint32(12, true))
    return 'its header does not match its checksum';
  const total = view.getFloat64(24, true);
  return total === bytes.length
    ? bytes.subarray(0, size)
    : `it is ${bytes.length} bytes long and should be ${total}`;
}

const align = (bytes: number): number => Math.ceil(bytes / ALIGN) * ALIGN;

function inside(offset: number, size: number, total: number): boolean {
  return (
    Number.isInteger(offset) &&
    Number.isInteger(size) &&
    offset % ALIGN === 0 &&
    size >= 0 &&
    offset + size <= total
  );
}

function writeAscii(to: Uint8Array, at: number, text: string): void {
  for (let i = 0; i < text.length; i++) to[at + i] = text.charCodeAt(i) & 0x7f;
}

function readAscii(from: Uint8Array, at: number): string {
  let text = '';
  for (let i = at; i < at + NAME_BYTES && i < from.length && from[i] !== 0; i++)
    text += String.fromCharCode(from[i] as number);
  return text;
}

/** Bytes as words of 32 bits, without copying; null when they are not whole words on a word boundary. */
export function wordsOf(bytes: Uint8Array): Int32Array | null {
  if (bytes.byteOffset % 4 !== 0 || bytes.length % 4 !== 0) return null;
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}
