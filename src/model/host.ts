import type { Host } from './brand.ts';

const HOST_MAX_CHARS = 253;
const LABEL_MAX_CHARS = 63;
// What would make the URL parser read something other than a host.
const URL_SYNTAX = /[\s/?#@:%\\[\]<>^|]/;

/**
 * Brings a spelling of a host to the one form that rules, lists and scores compare: lower case, ASCII by UTS 46 (what a
 * browser does before it asks DNS), without the trailing dot. Null for an empty, over-long or impossible name and for an
 * IP address in any notation. Underscores are let through: DNS does, and real names have them.
 */
export function normalizeHost(text: string): Host | null {
  if (text.length === 0 || text.length > HOST_MAX_CHARS * 4) return null;
  const ascii = isAscii(text) ? text.toLowerCase() : toAscii(text);
  if (ascii === null) return null;
  const host = ascii.endsWith('.') ? ascii.slice(0, -1) : ascii;
  return isHost(host) ? (host as Host) : null;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

function toAscii(text: string): string | null {
  if (URL_SYNTAX.test(text)) return null;
  const url = URL.parse(`http://${text}/`);
  return url === null ? null : url.hostname;
}

function isHost(host: string): boolean {
  if (host.length === 0 || host.length > HOST_MAX_CHARS) return false;
  let labelChars = 0;
  let labelIsNumber = true;
  for (let i = 0; i < host.length; i++) {
    const c = host.charCodeAt(i);
    if (c === 0x2e) {
      if (labelChars === 0) return false;
      labelChars = 0;
      labelIsNumber = true;
      continue;
    }
    const digit = c >= 0x30 && c <= 0x39;
    if (!digit && !(c >= 0x61 && c <= 0x7a) && c !== 0x2d && c !== 0x5f) return false;
    if (!digit) labelIsNumber = false;
    if (++labelChars > LABEL_MAX_CHARS) return false;
  }
  // A name that ends in a number is an IPv4 address to every resolver (WHATWG URL, "ends in a number").
  return labelChars > 0 && !labelIsNumber && !/(^|\.)0x[0-9a-f]*$/.test(host);
}
