import { stripInvisible } from '../../model/invisible.ts';

/**
 * Letters that pass for Latin ones and that compatibility normalization leaves alone (Unicode confusables.txt, the part that
 * words are disguised with): each Latin letter, then its doubles. Texts of those scripts are also read as they are.
 */
const DOUBLES: readonly (readonly [latin: string, doubles: string])[] = [
  ['a', 'аαɑᴀ'],
  ['b', 'вʙьβ'],
  ['c', 'сᴄϲ'],
  ['d', 'ԁᴅɗ'],
  ['e', 'еєεᴇәɛ'],
  ['f', 'ꜰƒ'],
  ['g', 'ɡɢ'],
  ['h', 'нһʜ'],
  ['i', 'іιıɪӏɩ'],
  ['j', 'јᴊ'],
  ['k', 'кκᴋ'],
  ['l', 'ʟ'],
  ['m', 'мᴍ'],
  ['n', 'ηɴпո'],
  ['o', 'оοσօᴏө'],
  ['p', 'рρᴘ'],
  ['q', 'ԛ'],
  ['r', 'гʀ'],
  ['s', 'ѕꜱ'],
  ['t', 'тτᴛ'],
  ['u', 'υսᴜц'],
  ['v', 'νѵᴠ'],
  ['w', 'ԝωᴡшѡ'],
  ['x', 'хχ'],
  ['y', 'уγʏү'],
  ['z', 'ᴢ'],
];
const LATIN_OF = new Map(DOUBLES.flatMap(([latin, doubles]) => [...doubles].map((one) => [one, latin])));
/** Letters in boxes and circles, and regional indicators, each in alphabetical order from here. */
const ENCLOSED_MIN = 0x1f130;
const ENCLOSED_FROM = [ENCLOSED_MIN, 0x1f150, 0x1f170, 0x1f1e6];
const LEET: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};
const WORD = /[a-z0-9@$!]+/g;
/** Letters and digits beside each other; a mark only between letters. */
const LEET_WORD = /[a-z][0-9@$]|[0-9@$][a-z]|[a-z]![a-z]/;

/** Words of orders that are still read when the letters between first and last change places. */
const SCRAMBLED = [
  'ignore',
  'disregard',
  'forget',
  'override',
  'bypass',
  'previous',
  'earlier',
  'above',
  'instruction',
  'instructions',
  'directives',
  'guidelines',
  'commands',
  'prompt',
  'allow',
  'permit',
  'approve',
  'verdict',
  'domain',
  'connection',
  'assistant',
  'system',
];
const SCRAMBLED_OF = new Map(SCRAMBLED.map((word) => [letterKey(word), word]));
const SCRAMBLED_MIN_CHARS = 5;
const SCRAMBLED_MAX_CHARS = 12;

/** As a reader sees it: nothing invisible (nor the `·` that `cleanText` puts in its place), compatibility forms and accents folded, lower case, quotes plain. Lines stay. */
export function plainOf(text: string): string {
  return stripInvisible(text)
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .replace(/·/g, '')
    .replace(/[‘’‚`´]/g, "'")
    .replace(/[“”„«»]/g, '"')
    .replace(/\\(["'])/g, '$1')
    .replace(/[ \t\u00a0]+/g, ' ');
}

/** Words in disguise told: lookalike letters, digits for letters, letters that changed places. `plain` is from `plainOf`. */
export function foldedOf(plain: string): string {
  const latin = /[^\p{ASCII}]/u.test(plain) ? [...plain].map(latinOf).join('') : plain;
  return latin.replace(WORD, (word) => {
    const letters = LEET_WORD.test(word) ? word.replace(/[013457@$!]/g, (c) => LEET[c] ?? c) : word;
    if (letters.length < SCRAMBLED_MIN_CHARS || letters.length > SCRAMBLED_MAX_CHARS) return letters;
    return SCRAMBLED_OF.get(letterKey(letters)) ?? letters;
  });
}

/** Host names and other joined words, as words: `allow-this.domain` is `allow this domain`. */
export function spokenOf(text: string): string {
  return text.replace(/(?<=\p{L})[-._@+/]+(?=\p{L})/gu, ' ');
}

/** Letters alone, for words cut by spaces, points or markup: doubled letters are one, and l is i. */
export function squeezedOf(folded: string): string {
  return folded
    .replace(/[^a-z]+/g, '')
    .replace(/l/g, 'i')
    .replace(/(.)\1+/g, '$1');
}

/** Chinese, Japanese and Korean without what may stand between their characters, sentences apart; empty when there are none. */
export function joinedOf(plain: string): string {
  const wide = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/;
  return wide.test(plain)
    ? plain.replace(/[。！？.!?]+/g, '\n').replace(/[^\S\n]+|(?!\n)[\p{P}\p{S}]+/gu, '')
    : '';
}

/** The same for words of the same letters that begin and end alike. */
function letterKey(word: string): string {
  const inner = [...word.slice(1, -1)].sort().join('');
  return `${word.charAt(0)}${inner}${word.slice(-1)}`;
}

function latinOf(c: string): string {
  const latin = LATIN_OF.get(c);
  if (latin !== undefined) return latin;
  const code = c.codePointAt(0) ?? 0;
  if (code < ENCLOSED_MIN) return c;
  const from = ENCLOSED_FROM.find((start) => code >= start && code < start + 26);
  return from === undefined ? c : String.fromCharCode(0x61 + code - from);
}
