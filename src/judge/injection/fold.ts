/**
 * Letters that pass for Latin ones and that compatibility normalization leaves alone (Unicode confusables.txt, the part that
 * words are disguised with): each Latin letter, then its doubles. Texts of those scripts are also read as they are.
 */
const DOUBLES =
  'aаαɑᴀ bвʙьβ cсᴄϲ dԁᴅɗ eеєεᴇәɛ fꜰƒ gɡɢ hнһʜ iіιıɪӏɩ jјᴊ kкκᴋ lʟ mмᴍ nηɴпո oоοσօᴏө pрρᴘ qԛ rгʀ sѕꜱ tтτᴛ uυսᴜц vνѵᴠ ' +
  'wԝωᴡшѡ xхχ yуγʏү zᴢ';
const LATIN_OF = new Map(
  DOUBLES.split(' ').flatMap(([latin = '', ...doubles]) => doubles.map((one) => [one, latin])),
);
/** Letters in boxes and circles, and regional indicators, each in alphabetical order from here. */
const ENCLOSED_FROM = [0x1f130, 0x1f150, 0x1f170, 0x1f1e6];

/** As a reader sees visible text: compatibility forms and accents folded, without the `·` of `cleanText`, lower case, quotes plain. Lines stay. */
export function plainOf(visible: string): string {
  return visible
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\u0300-\u036f·]/g, '')
    .normalize('NFC')
    .replace(/[‘’‚`´]/g, "'")
    .replace(/[“”„«»]/g, '"')
    .replace(/\\(["'])/g, '$1')
    .replace(/[ \t\u00a0]+/g, ' ');
}

/** Lookalikes as the Latin letters that they pass for. `plain` is from `plainOf`. */
export function foldedOf(plain: string): string {
  return /[^\p{ASCII}]/u.test(plain) ? [...plain].map(latinOf).join('') : plain;
}

/** Host names and other joined words, as words: `allow-this.domain` is `allow this domain`. */
export function spokenOf(text: string): string {
  return text.replace(/(?<=\p{L})[-._@+/]+(?=\p{L})/gu, ' ');
}

/** Letters alone, for words cut by spaces, points or markup. */
export function squeezedOf(folded: string): string {
  return folded.replace(/[^a-z]+/g, '');
}

/** Chinese, Japanese and Korean without what may stand between their characters, sentences apart; empty when there are none. */
export function joinedOf(plain: string): string {
  const wide = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/;
  return wide.test(plain)
    ? plain.replace(/[。！？.!?]+/g, '\n').replace(/[^\S\n]+|(?!\n)[\p{P}\p{S}]+/gu, '')
    : '';
}

function latinOf(c: string): string {
  const code = c.codePointAt(0) ?? 0;
  const from = ENCLOSED_FROM.find((start) => code >= start && code < start + 26);
  return from === undefined ? (LATIN_OF.get(c) ?? c) : String.fromCharCode(0x61 + code - from);
}
