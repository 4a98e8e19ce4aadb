import { type Pointer, ptr } from 'bun:ffi';

// The storage of a small typed array can move when the JIT optimises (oven-sh/bun#32054); that of its own ArrayBuffer does not.
const SMALLEST_BYTES = 4_096;

/** Memory whose address stays true for as long as the object is held. */
export interface NativeMemory {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly address: Pointer;
}

/** Memory that C may read and write: zeroed, at least `sizeBytes` long, never moved. Keep the object while C may use it. */
export function nativeMemory(sizeBytes: number): NativeMemory {
  const buffer = new ArrayBuffer(Math.max(sizeBytes, SMALLEST_BYTES));
  return { bytes: new Uint8Array(buffer), view: new DataView(buffer), address: ptr(buffer) };
}

/** Writes `text` and a closing zero at the start of `memory`; false, and nothing written, when it does not fit. */
export function writeCString(memory: NativeMemory, text: string): boolean {
  const encoded = ENCODER.encode(text);
  if (encoded.length >= memory.bytes.length || encoded.includes(0)) return false;
  memory.bytes.set(encoded);
  memory.bytes[encoded.length] = 0;
  return true;
}

const ENCODER = new TextEncoder();
