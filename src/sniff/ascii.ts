export const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
export const COLON = 0x3a;

/** Whether a byte may stand in a token: a method or a header name (RFC 9110, section 5.6.2). */
export function isTokenByte(byte: number): boolean {
  return TOKEN[byte] === 1;
}

/** Whether a byte is a space or a tab, the white space that may stand inside an HTTP line. */
export function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}

const TOKEN = new Uint8Array(256);
for (const char of "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&'*+-.^_`|~") {
  TOKEN[char.charCodeAt(0)] = 1;
}
