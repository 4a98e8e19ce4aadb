/** Brackets open at once; real answers have about twelve, and a parser pays dearly for thousands. */
const DEPTH_MAX = 100;

/** Parses JSON from outside; undefined for what is none, or nested too deep. The caller has bounded its length. */
export function boundedJson(text: string): unknown {
  if (isDeep(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is an answer too: the caller's schema refuses it.
    return undefined;
  }
}

/** Counts brackets within strings too: text that has a hundred unclosed ones is refused with the rest. */
function isDeep(text: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i) | 0x20;
    if (c === 0x7b) depth++;
    else if (c === 0x7d) depth--;
    if (depth > DEPTH_MAX) return true;
  }
  return false;
}
