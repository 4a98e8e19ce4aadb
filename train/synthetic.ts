import { type Random, seededRandom } from './random.ts';

/** A made-up generated name and the style of generator it came from. */
export interface SyntheticName {
  readonly name: string;
  readonly style: string;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const VOWELS = 'aeiou';
const CONSONANTS = 'bcdfghjklmnpqrstvwxz';
const HEX = '0123456789abcdef';
const BASE36 = `${LETTERS}0123456789`;
const BASE32 = `${LETTERS}234567`;
// Suffixes that generators of the last twenty years have favoured; commonest first, drawn with a bias to the front.
const SUFFIXES =
  'com net org info biz ru cc top xyz eu ws cn in pw su name me tk co club online site us tw de uk mobi pro work space website tv bid click ga ml cf gq ddns.net dyndns.org duckdns.org mn la to so nu kz be it fr nl pl jp ki bz im ac sh co.uk com.tw org.uk'.split(
    ' ',
  );

type Style = (random: Random, words: readonly string[]) => () => string;

function letters(random: Random, alphabet: string, count: number): string {
  let text = '';
  for (let i = 0; i < count; i++) text += random.pick(alphabet);
  return text;
}

/** A length rule of one family: half of the known families use one fixed length, the rest a range. */
function lengths(random: Random, low: number, high: number): () => number {
  const a = random.range(low, high);
  const b = random.unit() < 0.5 ? a : Math.min(high, a + random.range(1, 8));
  return () => random.range(a, b);
}

const subset = (random: Random, alphabet: string, size: number): string => {
  let chosen = '';
  while (chosen.length < size) {
    const letter = random.pick(alphabet);
    if (!chosen.includes(letter)) chosen += letter;
  }
  return chosen;
};

const uniform = (alphabet: string, low: number, high: number): Style => {
  return (random) => {
    const length = lengths(random, low, high);
    return () => letters(random, alphabet, length());
  };
};

const syllables: Style = (random) => {
  const count = lengths(random, 3, 7);
  const consonants = subset(random, CONSONANTS, random.range(8, 18));
  const vowels = random.unit() < 0.5 ? VOWELS : `${VOWELS}y`;
  const closed = random.unit() * 0.5;
  const doubled = random.unit() * 0.25;
  return () => {
    let text = random.unit() < 0.3 ? random.pick(vowels) : '';
    for (let i = count(); i > 0; i--) {
      text += random.pick(consonants) + random.pick(vowels);
      if (random.unit() < doubled) text += random.pick(vowels);
      if (random.unit() < closed) text += random.pick(consonants);
    }
    return text;
  };
};

const vowelWeighted: Style = (random) => {
  const length = lengths(random, 6, 16);
  const share = 0.25 + random.unit() * 0.35;
  return () => {
    let text = '';
    for (let i = length(); i > 0; i--) text += random.pick(random.unit() < share ? VOWELS : CONSONANTS);
    return text;
  };
};

/** One word-like stem whose first letters change from name to name. */
const mutatedPrefix: Style = (random, words) => {
  let stem = '';
  const goal = random.range(10, 18);
  while (stem.length < goal) stem += random.pick(words);
  const changed = random.range(3, 6);
  return () => letters(random, LETTERS, changed) + stem.slice(changed);
};

const wordChain = (low: number, high: number): Style => {
  return (random, words) => {
    const lexicon: string[] = [];
    for (let i = random.range(40, 400); i > 0; i--) lexicon.push(random.pick(words));
    const count = lengths(random, low, high);
    const joint = random.unit() < 0.15 ? '-' : '';
    return () => {
      const chosen: string[] = [];
      for (let i = count(); i > 0; i--) chosen.push(random.pick(lexicon));
      return chosen.join(joint).slice(0, 60);
    };
  };
};

const wordAndNoise: Style = (random, words) => {
  const noise = random.pick([HEX, '0123456789', BASE36, LETTERS]);
  const count = random.range(4, 9);
  const first = random.unit() < 0.5;
  return () => {
    const word = random.pick(words);
    return first ? word + letters(random, noise, count) : letters(random, noise, count) + word;
  };
};

/** Pieces of words glued: generators that cut their word list at odd places. */
const wordPieces: Style = (random, words) => {
  const count = random.range(2, 4);
  return () => {
    let text = '';
    for (let i = count; i > 0; i--) {
      const word = random.pick(words);
      const from = random.below(Math.max(1, word.length - 2));
      text += word.slice(from, from + random.range(2, 5));
    }
    return text;
  };
};

const prefixedHex: Style = (random) => {
  const head = letters(random, LETTERS, random.range(0, 2));
  const length = random.pick([8, 10, 12, 16, 20, 24, 32, 33, 34, 40]);
  return () => head + letters(random, HEX, length - head.length);
};

const narrow: Style = (random) => {
  const alphabet = subset(random, random.unit() < 0.7 ? LETTERS : BASE36, random.range(8, 16));
  const length = lengths(random, 8, 18);
  return () => letters(random, alphabet, length());
};

const skewed: Style = (random) => {
  // A poor generator of numbers favours some letters: the average of two draws does the same.
  const length = lengths(random, 7, 20);
  const alphabet = subset(random, LETTERS, 25);
  return () => {
    let text = '';
    for (let i = length(); i > 0; i--) text += alphabet[(random.below(25) + random.below(25)) >> 1] ?? 'a';
    return text;
  };
};

const digits: Style = (random) => {
  const head = letters(random, LETTERS, random.range(0, 3));
  const length = random.range(8, 16);
  return () => head + letters(random, '0123456789', length);
};

/** Each style with its share of the families drawn. */
const STYLES: readonly (readonly [string, number, Style])[] = [
  ['letters-short', 2, uniform(LETTERS, 6, 9)],
  ['letters', 5, uniform(LETTERS, 9, 16)],
  ['letters-long', 4, uniform(LETTERS, 16, 30)],
  ['base36', 3, uniform(BASE36, 9, 28)],
  ['base32', 1, uniform(BASE32, 12, 26)],
  ['consonants', 1, uniform(CONSONANTS, 7, 14)],
  ['hex', 2, prefixedHex],
  ['narrow', 3, narrow],
  ['skewed', 2, skewed],
  ['syllables', 4, syllables],
  ['vowel-weighted', 3, vowelWeighted],
  ['mutated-prefix', 3, mutatedPrefix],
  ['two-words', 2, wordChain(2, 2)],
  ['word-chain', 3, wordChain(3, 5)],
  ['word-noise', 2, wordAndNoise],
  ['word-pieces', 2, wordPieces],
  ['digits', 1, digits],
];

/**
 * Draws `families` made-up generators and `perFamily` names of each. The styles are those that the literature on
 * domain generation describes; no code or output of a real one is used. `words` feeds the dictionary styles.
 */
export function syntheticNames(
  seed: number,
  families: number,
  perFamily: number,
  words: readonly string[],
): SyntheticName[] {
  const random = seededRandom(seed);
  const wheel = STYLES.flatMap(([name, weight, style]) =>
    Array.from({ length: weight }, () => ({ name, style })),
  );
  const names: SyntheticName[] = [];
  for (let f = 0; f < families; f++) {
    const { name: style, style: make } = random.pick(wheel);
    const next = make(random, words);
    const suffixes: string[] = [];
    for (let i = random.range(1, 6); i > 0; i--) {
      suffixes.push(SUFFIXES[Math.floor(random.unit() ** 2 * SUFFIXES.length)] ?? 'com');
    }
    for (let i = 0; i < perFamily; i++) names.push({ name: `${next()}.${random.pick(suffixes)}`, style });
  }
  return names;
}
