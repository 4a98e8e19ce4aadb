import { balancedEnd } from './loose-json.ts';

/** A reply cut in two: what it says, and what its author only thought. */
export interface Thoughts {
  readonly visible: string;
  readonly thought: string;
  /** It ends within its thoughts. */
  readonly isOpen: boolean;
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
/** Granite 3 announces both parts in words. */
const ANNOUNCED = /^\s{0,20}Here(?:'s| is) my thought process:/i;
const ANSWER_ANNOUNCED = /^[ \t*]{0,8}Here(?:'s| is) my response:/im;
/** Whole objects at which tags are looked over, in one reply. */
const OBJECTS_MAX = 32;

/**
 * Takes all thoughts out of a reply, several and nested ones too. What stands before a closing tag that was never opened is thought
 * (templates open it in the prompt), and so is all behind an opening one that is never closed. Tags in the strings of a JSON object
 * are text.
 */
export function splitThoughts(text: string): Thoughts {
  const tagged = ANNOUNCED.test(text)
    ? text.replace(ANNOUNCED, '<think>').replace(ANSWER_ANNOUNCED, '</think>')
    : text;
  const visible: string[] = [];
  const thought: string[] = [];
  let depth = 0;
  let from = 0;
  for (const tag of tagsOf(tagged)) {
    (depth === 0 ? visible : thought).push(tagged.slice(from, tag.start));
    if (tag.opens) depth++;
    else if (depth > 0) depth--;
    else thought.push(...visible.splice(0));
    from = tag.end;
  }
  (depth === 0 ? visible : thought).push(tagged.slice(from));
  return { visible: visible.join('\n'), thought: thought.join('\n').trim(), isOpen: depth > 0 };
}

interface Tag {
  readonly start: number;
  readonly end: number;
  readonly opens: boolean;
}

/** The tags of a text, but for those in the strings of JSON objects that stand outside of thoughts. */
function* tagsOf(text: string): Generator<Tag> {
  let depth = 0;
  let passed = 0;
  let objects = 0;
  for (const match of text.matchAll(TAG)) {
    // Between the last tag and this one an object may have begun that holds it.
    while (depth === 0 && objects < OBJECTS_MAX) {
      const open = text.indexOf('{', passed);
      if (open < 0 || open > match.index) break;
      objects++;
      passed = objectEnd(text, open) ?? open + 1;
    }
    if (match.index < passed) continue;
    passed = match.index + match[0].length;
    const opens = !match.slice(1, 4).includes('/') && match[4]?.toLowerCase() !== 'end';
    depth = Math.max(0, depth + (opens ? 1 : -1));
    yield { start: match.index, end: passed, opens };
  }
}

/** Behind a JSON object that begins at a place; null when there is none that is strictly one. */
function objectEnd(text: string, start: number): number | null {
  const end = balancedEnd(text, start);
  if (end < 0) return null;
  try {
    JSON.parse(text.slice(start, end));
    return end;
  } catch {
    return null;
  }
}
