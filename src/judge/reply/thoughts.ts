import { balancedEnd, strictJson } from './loose-json.ts';

/** A reply taken apart: what it says, and what its author only thought. */
export interface ReplyParts {
  readonly visible: string;
  readonly thought: string;
  /** Calls that stand apart from the text, by name; their arguments are still text. */
  readonly calls: readonly (readonly [string, string])[];
}

const NAMES = 'think|thinking|thought|thoughts|reasoning|reflection|analysis|scratchpad|inner_monologue';
/** `<think>`, `[THINK]` (Magistral), `◁think▷` (Kimi), `<|begin_of_thought|>`, `<|START_THINKING|>` (Command), `<seed:think>`. */
const TAG = new RegExp(
  [
    `<(\\/?)(?:[a-z]{1,10}:)?(?:${NAMES})(?:\\s[^<>]{0,40})?>`,
    `\\[(\\/?)THINK\\]`,
    `◁(\\/?)think▷`,
    `<\\|(begin|end|start)_(?:of_)?(?:thought|thinking)\\|>`,
  ].join('|'),
  'giu',
);
/** Whole objects at which tags are looked over, in one reply. */
const OBJECTS_MAX = 32;

/**
 * Takes all thoughts out of a reply, several and nested ones too. What stands before a closing tag that was never opened is thought
 * (templates open it in the prompt), and so is all behind an opening one that is never closed. Tags in the strings of a JSON object
 * that stands outside of thoughts are text.
 */
export function splitThoughts(text: string): ReplyParts {
  const visible: string[] = [];
  const thought: string[] = [];
  let depth = 0;
  let from = 0;
  let passed = 0;
  let objects = 0;
  for (const match of text.matchAll(TAG)) {
    // Between the last tag and this one an object may have begun that holds it.
    for (; depth === 0 && objects < OBJECTS_MAX; objects++) {
      const open = text.indexOf('{', passed);
      if (open < 0 || open > match.index) break;
      const end = balancedEnd(text, open);
      const isObject = end !== null && strictJson(text.slice(open, end)) !== undefined;
      passed = isObject ? end : open + 1;
    }
    if (match.index < passed) continue;
    (depth === 0 ? visible : thought).push(text.slice(from, match.index));
    from = match.index + match[0].length;
    passed = from;
    const opens = !match.slice(1, 4).includes('/') && match[4]?.toLowerCase() !== 'end';
    if (opens) depth++;
    else if (depth > 0) depth--;
    else thought.push(...visible.splice(0));
  }
  (depth === 0 ? visible : thought).push(text.slice(from));
  return { visible: visible.join('\n').trim(), thought: thought.join('\n').trim(), calls: [] };
}
