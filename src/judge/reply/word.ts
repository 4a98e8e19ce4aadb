import type { JudgeKind } from '../../model/inquiry.ts';

/** A text that stands where a verdict belongs. `example`: all choices at once, or none, as an example has it. */
export type ReadWord =
  | { readonly kind: 'word'; readonly verdict: JudgeKind /** What follows it. */; readonly rest: string }
  | { readonly kind: 'example' }
  | { readonly kind: 'unknown' };

const WORD_MAX_CHARS = 300;
/** Words in front of which one says the opposite. */
const NEGATIONS =
  /(?:^|[^\p{L}])(?:not|no|never|don|dont|cannot|nicht|kein|keine|ne|pas|non|niet|nie|не|nao|não)(?:$|[^\p{L}])/iu;

const WORDS: ReadonlyMap<string, JudgeKind> = new Map(
  (
    [
      [
        'allow',
        'allow allowed permit permitted approve approved accept accepted',
        'erlauben erlaubt erlaube zulassen zugelassen genehmigt autoriser autorisé autorisée autorise permettre',
        'permitir permitido permitida permite autorizar autorizado consentire consentito consenti permettere',
        'toestaan toegestaan zezwól zezwolić zezwalaj dozwolone pozwól povolit tillåt tillåta tillad salli',
        'разрешить разрешено разрешаю разрешать дозволити дозволено izinkan izinli السماح سماح अनुमति',
        '允许 允許 放行 許可 許可する 許可します 허용 허용함 허용합니다',
      ],
      [
        'block',
        'block blocked deny denied reject rejected refuse refused forbid forbidden',
        'blockieren blockiert blockiere sperren gesperrt sperre ablehnen abgelehnt verweigern verbieten verboten',
        'bloquer bloqué bloquée bloque refuser refusé interdire bloquear bloqueado bloqueada bloquea bloqueie',
        'denegar denegado rechazar rechazado negar bloccare bloccato blocca negare blokkeren geblokkeerd blokkeer',
        'zablokuj zablokować zablokowane blokuj blokovat blockera neka bloker estä engelle engellendi blokir chặn',
        'заблокировать заблокировано блокировать блокирую запретить запрещено отклонить заблокувати حظر ब्लॉक',
        '拒绝 拒絕 阻止 封锁 封鎖 屏蔽 禁止 拦截 攔截 阻断 不允许 不允許 ブロック ブロックする 拒否 遮断 차단 차단함 차단합니다 거부',
      ],
      [
        'unsure',
        'unsure uncertain undecided inconclusive undetermined unknown ask unsicher unklar ungewiss unentschieden',
        'incertain indécis incierto indeciso incerto indeterminado onzeker niepewny niepewne nejisté osäker',
        'неуверен неясно неопределенно неопределённо belirsiz kararsız',
        '不确定 不確定 无法确定 無法確定 未知 不明 判断不能 불확실 불확실함 미정',
      ],
    ] as const
  ).flatMap(([verdict, ...lines]) =>
    lines
      .join(' ')
      .split(' ')
      .map((word): [string, JudgeKind] => [word, verdict]),
  ),
);
const PHRASES: ReadonlyMap<string, JudgeKind> = new Map([
  ['not sure', 'unsure'],
  ['ask user', 'unsure'],
  ['nicht sicher', 'unsure'],
  ['pas sûr', 'unsure'],
  ['no estoy seguro', 'unsure'],
  ['não tenho certeza', 'unsure'],
  ['не уверен', 'unsure'],
  ['cho phép', 'allow'],
  ['izin ver', 'allow'],
]);

/**
 * Reads what stands where a verdict belongs, in any of many languages and cases: a word alone, or at the beginning with punctuation
 * behind it. A second word of another meaning, or a negation, makes it unknown or an example.
 */
export function readWord(text: string): ReadWord {
  const bounded = text.slice(0, WORD_MAX_CHARS).normalize('NFKC');
  const bare = bounded.replace(/^[^\p{L}]{1,40}/u, '').replace(/[^\p{L}\p{M})]{1,300}$/u, '');
  const lower = bare.toLowerCase();
  const whole = WORDS.get(lower) ?? PHRASES.get(lower.replace(/[\s_-]+/g, ' '));
  if (whole !== undefined) return { kind: 'word', verdict: whole, rest: '' };
  if (bare === '' || /^\s*[<{]/.test(bounded)) return { kind: 'example' };
  const words = lower.split(/[^\p{L}\p{M}]+/u);
  const meant = new Set(words.map((word) => WORDS.get(word)).filter((verdict) => verdict !== undefined));
  if (meant.size > 1) return { kind: 'example' };
  const first = WORDS.get(words[0] ?? '');
  const rest = bare.slice(words[0]?.length ?? 0);
  if (first === undefined || !/^[\s*_`"'”’]{0,4}[.,:;!(\n—–-]/u.test(rest) || NEGATIONS.test(rest)) {
    return { kind: 'unknown' };
  }
  return { kind: 'word', verdict: first, rest: rest.replace(/^[^\p{L}\p{N}]{1,20}/u, '').trim() };
}
