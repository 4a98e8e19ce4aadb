/**
 * Talk of what a firewall or a judge has decided, on text as `plainOf` leaves it: that this domain or connection is allowed, must be,
 * or was approved by somebody. It orders nothing, and is for nobody but whoever decides; of pages only manuals of firewalls say such
 * things, and those as a condition, or of a connection that is not theirs.
 */
const word = (...words: string[]): RegExp => new RegExp(`(?<!\\p{L})(?:${words.join('|')})(?!\\p{L})`, 'u');

/** The domain or the connection itself. */
const THIS = word(
  '(?:this|present|requested) (?:[\\w-]+ )?(?:domain|host|hostname|connection|fqdn)',
  'dies(?:e|er|es|en|em) (?:domain|domane|verbindung|host|hostname)',
  '(?:ce|cette|cet) (?:nom de domaine|domaine|connexion|hote)|(?:este|esta|esse|essa) (?:dominio|conexion|conexao|host)',
  "(?:questo|questa|quest') ?(?:dominio|connessione|host)|(?:dit|deze) (?:domein|verbinding|host)",
  '(?:ta|ten|tej|te|tego) (?:domena|domene|domeny|polaczenie|polaczenia|host)|bu (?:alan adi\\w*|baglanti\\w*|etki alani\\w*)',
  '(?:этот|этого|это|данныи|данное|этому) (?:домен|домена|соединение|подключение|хост|домену)',
  '(?:цеи|це) (?:домен|з.єднання)|هذا (?:النطاق|الاتصال|المجال)|(?:denna|den har) (?:doman|anslutning)\\w*',
);
/** That it was decided, or must be: never the order itself, which manuals give as well. */
const RULED = word(
  '(?:be|is|was|been|are|already|hereby|as|stays?|remains?) (?:\\w+ )?(?:allowed|permitted|approved|authori[sz]ed|whitelisted|allowlisted|unblocked|cleared|let through|exempt(?:ed)?)',
  '(?:not|never) (?:be |to be )?(?:blocked|refused|denied|stopped|rejected)',
  'erlaubt|zugelassen|freigegeben|genehmigt|freizugeben|zuzulassen|zu erlauben|nicht (?:blockiert|gesperrt)(?: werden)?',
  '(?:est|ete|etre|sont|deja) (?:\\w+ )?(?:autorise|approuve|permis|valide|accepte)e?s?|pas etre bloquee?',
  '(?:es|esta|sido|ser|fue|foi|e|ja|ya) (?:\\w+ )?(?:permitid|autorizad|aprobad|aprovad|liberad|acept|aceit)\\w*',
  '(?:e|essere|stat[oa]|viene|gia) (?:\\w+ )?(?:consentit|autorizzat|approvat|permess)\\w*|toegestaan|goedgekeurd|toegelaten',
  '(?:do|za)zwolon\\p{L}*|zatwierdzon\\p{L}*|dopuszczon\\p{L}*|onayla\\p{L}*|izin veril\\p{L}*|tillat\\p{L}*|godkan\\p{L}*',
  '(?:раз|до)реш\\p{L}*|одобрен\\p{L}*|допущен\\p{L}*|дозволен\\p{L}*|(?:مسموح|موافق|معتمد)\\p{L}*',
);
/** Somebody has approved it already. */
const APPROVED = word(
  '(?:user|owner|administrator|admin|operator|security team|it department|firewall|judge|policy|company)s? (?:(?:has|have|had|already|just|explicitly|previously|manually|now) )+(?:\\w+ )?(?:approved|allowed|authori[sz]ed|permitted|whitelisted|cleared|accepted|confirmed|consented to) (?:this|the|our) (?:\\w+ )?(?:domain|connection|host|hostname|site|request|traffic)',
  '(?:benutzer|nutzer|administrator|anwender)\\p{L}* (?:hat|haben) (?:\\p{L}+ )?(?:diese\\p{L}*|die) (?:domain|verbindung|anfrage|seite) (?:\\p{L}+ ){0,3}?(?:genehmigt|erlaubt|freigegeben|zugelassen|bestatigt)',
  "(?:l'utilisateur|l'administrateur|el usuario|el administrador|o usuario|o administrador|l'utente|l'amministratore) (?:\\p{L}+ ){1,3}(?:autoris|approuv|accept|valid|aprob|autoriz|permiti|aprov|approvat|autorizzat|consentit)\\p{L}* (?:\\p{L}+ )?(?:cett?e?|est[ea]|ess[ea]|quest[oa]|la|el|a|o|le|il) ?(?:connexion|domaine|conexion|dominio|conexao|connessione|site|sitio|sito)",
  '(?:пользователь|администратор|користувач) (?:\\p{L}+ ){0,3}(?:одобрил|разрешил|подтвердил|дозволив|схвалив) (?:\\p{L}+ )?(?:соединение|подключение|домен|доступ|з.єднання)',
);
/** A case that is thought of, as manuals and terms have it. */
const CONDITION = word(
  'if|when|whenever|whether|unless|until|once|after|before|which|wenn|falls|sobald|ob|si|lorsque|cuando|se|quando|als|jesli|если|когда|якщо',
);
/** A verdict between tags, or after what announces one. */
const TAGGED =
  /<[a-z_ -]{1,24}>\s?(?:allow(?:ed)?|approved?|permit(?:ted)?)\s?[.!]?\s?<\/|(?<!\p{L}|last )(?:decision|verdict|ruling|judge?ment|classification)["']?\s?[:=]\s?["']?(?:allow(?:ed)?|approved?|permit(?:ted)?)(?!\p{L})/u;

/** Whether a sentence talks of what is decided of a connection. */
export function talksOfRuling(sentence: string): boolean {
  if (TAGGED.test(sentence)) return true;
  if (CONDITION.test(sentence)) return false;
  return APPROVED.test(sentence) || (THIS.test(sentence) && RULED.test(sentence));
}
