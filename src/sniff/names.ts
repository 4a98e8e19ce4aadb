import ipaddr from 'ipaddr.js';
import type { Host } from '../model/brand.ts';
import { normalizeHost } from '../model/host.ts';

/** Longest name read, in bytes: one more than DNS allows a name with its trailing dot, as servers have it. */
export const NAME_MAX_BYTES = 255;

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Bytes as text: UTF-8, so that a name written in another script reads as its IDN; U+FFFD for what is not UTF-8. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  return UTF8.decode(bytes.subarray(start, end));
}

/** A name's form for the decision; null for an IP literal, which names nothing; 'impossible' for what DNS cannot hold. */
export function hostOf(name: string): Host | 'impossible' | null {
  const host = normalizeHost(name);
  if (host !== null) return host;
  const bare = name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name;
  return ipaddr.isValid(bare.endsWith('.') ? bare.slice(0, -1) : bare) ? null : 'impossible';
}
