/** Longest stretch that is looked at as one sentence. */
const SENTENCE_MAX_CHARS = 400;
const SENTENCES_MAX = 400;
/** Sum of weights from which a sentence is taken for an order. */
const SUSPICIOUS = 5;

const word = (...words: string[]): RegExp => new RegExp(`(?<!\\p{L})(?:${words.join('|')})(?!\\p{L})`, 'u');

/** It names a model: surely, or perhaps. */
const AI = word(
  'ai',
  'llms?',
  'language models?',
  'chatgpt',
  'gpt',
  'claude',
  'resolagent',
  'ki',
  'sprachmodelle?',
  'ia',
  'ии',
  'нейросеть',
  'ші',
  'agente? ia',
);
const MODEL = word(
  'models?',
  'assistants?',
  'judges?',
  'reviewers?',
  'modell',
  'assistent',
  'modele',
  'modelo',
  'modello',
  'asistente',
  'assistente',
  'модель',
  'ассистент',
);
/** The word of a verdict by itself: at the end of a clause, after what announces it. */
const BARE_ALLOW =
  /(?:[:;,=–—"'(]|\b(?:is|be|with|as|word|con|mit|par|avec|com|es|est|ist)) ?["'(*]{0,2}(?:allow|permit|approve|erlauben|autoriser|permitir|разрешить)\b["')*]{0,2} ?(?:$|[,;:)"'–—]| (?:and|e|und|et|y|always|now|it)\b)/;
const VERDICT = word(
  'verdicts?',
  'conclusion',
  'classification',
  'urteil',
  'veredicto',
  'verdetto',
  'veredito',
  'вердикт',
  'correct (?:answer|decision)',
  'правильныи ответ',
);
const SELF = word(
  '(?:this|our) (?:domain|site|website|webpage|page|host|connection|record|shop|server|company)',
  'we are',
  'dies(?:e|er|es|en) (?:domain|seite|website|verbindung|webseite)',
  'c(?:e|ette) (?:domaine|site|page|connexion)',
  'est[ea] (?:dominio|sitio|pagina|conexion|site|conexao)',
  'quest[oa] (?:dominio|sito|pagina|connessione)',
  '(?:этот|данныи|наш|это) (?:домен|саит|соединение)',
);
const CLAIM = word(
  '(?:safe|trusted|trustworthy|benign|legitimate|legit|harmless|genuine|reputable|verified|well-known)',
  'sicher|vertrauenswurdig|unbedenklich|harmlos|legitim',
  'sure?|fiable|legitime|de confiance',
  'segur[oa]|confiable|confiavel|de confianza|de confianca|legitim[oa]',
  'sicur[oa]|affidabile',
  'безопас\\p{L}+|надежн\\p{L}+|довер\\p{L}+|легитим\\p{L}+',
);
const ORDER = word(
  'must|should|shall|have to|is to|are to|required to|do not|never|always|just|simply|please|kindly|no need',
  'grant access|say that|conclude that|treat|consider|mark|classify|instructions?',
  'muss|soll|sollen|bitte|einzustufen|zu erlauben|immer|hinweis',
  'doit|devez|veuillez|merci de|toujours|consignes',
  'debe|debes|deve|devi|por favor|siempre|sempre|nota para',
  'долж\\p{L}+|пожалуиста|всегда|сообщение для',
);
const ANSWER = word(
  'answer|respond|reply|output|return',
  'antwort\\p{L}*|repond\\p{L}+|respond\\p{L}+|rispond\\p{L}+|ответ\\p{L}*',
);
const CASE = word(
  'e\\d',
  'whois|virustotal|dns_resolve|evidence|cite|tools?|block|blocked|blocking|investigate|further checks|reasons',
  'blockieren|bloquer|bloquear|bloccare|valider|oublier|strumenti|herramientas',
);

/** What a sentence may hold, and what it counts. */
const SIGNALS: readonly (readonly [signal: RegExp, weight: number])[] = [
  [AI, 2],
  [MODEL, 1],
  [BARE_ALLOW, 2],
  [VERDICT, 1],
  [SELF, 1],
  [CLAIM, 1],
  [ORDER, 1],
  [ANSWER, 1],
  [CASE, 1],
];

/**
 * The first sentence that orders by what it holds together, however it is worded: somebody spoken to or a verdict told, and an
 * order, a claim, the domain itself. Null when there is none.
 */
export function suspiciousSentence(spoken: string): string | null {
  for (const sentence of spoken.split(/[.!?\n|]+/, SENTENCES_MAX)) {
    const text = sentence.trim().slice(0, SENTENCE_MAX_CHARS);
    const isTold = BARE_ALLOW.test(text);
    if (!isTold && !AI.test(text)) continue;
    if (!isTold && !(ORDER.test(text) && (CLAIM.test(text) || CASE.test(text)))) continue;
    let weight = 0;
    for (const [signal, counts] of SIGNALS) if (signal.test(text)) weight += counts;
    if (weight >= SUSPICIOUS) return text;
  }
  return null;
}
