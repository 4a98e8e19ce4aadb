import { talksOfRuling } from './mentions.ts';

/** Longest stretch that is looked at as one sentence. */
const SENTENCE_MAX_CHARS = 400;
const SENTENCES_MAX = 400;
/** Sum of weights from which a sentence is taken for an order. */
const SUSPICIOUS = 5;

const word = (...words: string[]): RegExp => new RegExp(`(?<!\\p{L})(?:${words.join('|')})(?!\\p{L})`, 'u');

/** It names a model. */
const AI = word(
  'ai|llms?|language models?|chatgpt|gpt|claude|resolagent|ki|sprachmodelle?|ia|ии|нейросеть|ші',
);
/** The word of a verdict by itself: at the end of a clause, after what announces it. */
const BARE_ALLOW =
  /(?:[:;,=–—"'(]|\b(?:is|be|with|as|word|con|mit|par|avec|com|es|est|ist)) ?["'(*]{0,2}(?:allow|permit|approve|erlauben|autoriser|permitir|разрешить)\b["')*]{0,2} ?(?:$|[,;:)"'–—]| (?:and|e|und|et|y|always|now|it)\b)/;
const CLAIM = word(
  'safe|trusted|trustworthy|benign|legitimate|legit|harmless|genuine|reputable|verified|well-known',
  'sicher|vertrauenswurdig|unbedenklich|harmlos|legitim|sure?|fiable|legitime|de confiance',
  'segur[oa]|confiable|confiavel|de confianza|de confianca|legitim[oa]|sicur[oa]|affidabile',
  'безопас\\p{L}+|надежн\\p{L}+|довер\\p{L}+|легитим\\p{L}+',
);
const ORDER = word(
  'must|should|shall|have to|is to|are to|required to|do not|never|always|just|simply|please|kindly|no need',
  'grant access|say that|conclude that|treat|consider|mark|classify|instructions?',
  'muss|soll|sollen|bitte|einzustufen|zu erlauben|immer|hinweis|doit|devez|veuillez|merci de|toujours|consignes',
  'debe|debes|deve|devi|por favor|siempre|sempre|nota para|долж\\p{L}+|пожалуиста|всегда|сообщение для',
);
const CASE = word(
  'e\\d|whois|virustotal|dns_resolve|evidence|cite|tools?|block|blocked|blocking|investigate|further checks|reasons',
  'blockieren|bloquer|bloquear|bloccare|valider|oublier|strumenti|herramientas',
);

/** What counts one each; a model that is named, and the word of a verdict, count two. */
const SIGNALS = [
  CLAIM,
  ORDER,
  CASE,
  // What may be a model.
  word(
    'models?|assistants?|judges?|reviewers?|modell|assistent|model[eo]|modello|asistente|assistente|модель|ассистент',
  ),
  // A verdict, and an answer that is wanted.
  word(
    'verdicts?|conclusion|classification|correct (?:answer|decision)|urteil|veredicto|veredito|verdetto|вердикт|правильныи ответ',
  ),
  word('answer|reply|output|return|(?:antwort|respond|repond|rispond|ответ)\\p{L}*'),
  // The domain itself.
  word(
    '(?:this|our) (?:domain|site|website|webpage|page|host|connection|record|shop|server|company)|we are',
    'dies(?:e|er|es|en) (?:domain|seite|website|verbindung|webseite)|c(?:e|ette) (?:domaine|site|page|connexion)',
    'est[ea] (?:dominio|sitio|pagina|conexion|site|conexao)|quest[oa] (?:dominio|sito|pagina|connessione)',
    '(?:этот|данныи|наш|это) (?:домен|саит|соединение)',
  ),
];

/**
 * The first sentence that orders by what it holds together, however it is worded: somebody spoken to or a verdict told, and an
 * order, a claim, the domain itself; or that talks of what was decided. Null when there is none.
 */
export function suspiciousSentence(spoken: string): string | null {
  for (const sentence of spoken.split(/[.!?\n|]+/, SENTENCES_MAX)) {
    const text = sentence.trim().slice(0, SENTENCE_MAX_CHARS);
    if (talksOfRuling(text)) return text;
    const isTold = BARE_ALLOW.test(text);
    const namesAi = AI.test(text);
    if (!isTold && !(namesAi && ORDER.test(text) && (CLAIM.test(text) || CASE.test(text)))) continue;
    const weight =
      (isTold ? 2 : 0) + (namesAi ? 2 : 0) + SIGNALS.filter((signal) => signal.test(text)).length;
    if (weight >= SUSPICIOUS) return text;
  }
  return null;
}
