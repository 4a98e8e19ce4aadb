import type { Answers } from './answers.ts';
import { isKnownName, readArgs, readToolName, VERDICT_NAME } from './args.ts';
import { readWord } from './word.ts';

const DEPTH_MAX = 5;
const ITEMS_MAX = 32;
const KEYS_MAX = 64;

const NAME_KEYS = ['tool', 'toolname', 'function', 'functionname', 'recipientname', 'name', 'action', 'call'];
/** Of these, the ones that name a tool even where no arguments stand beside them. */
const SURE_NAME_KEYS: ReadonlySet<string> = new Set(NAME_KEYS.slice(0, 5));
const ARGS_KEYS = [
  'args',
  'arguments',
  'argument',
  'parameters',
  'params',
  'toolargs',
  'toolinput',
  'toolparameters',
  'actioninput',
  'kwargs',
  'input',
];
/** What else may stand in a call whose arguments stand beside its name. */
const BESIDE_KEYS: ReadonlySet<string> = new Set([
  ...NAME_KEYS,
  ...ARGS_KEYS,
  ...['id', 'callid', 'toolcallid', 'index', 'type', 'thought', 'thoughts', 'reasoning', 'reason', 'comment'],
]);
const CALL_KEYS: ReadonlySet<string> = new Set([
  ...[
    'toolcalls',
    'toolcall',
    'calls',
    'call',
    'tools',
    'tooluses',
    'functioncall',
    'functioncalls',
    'function',
  ],
  ...['actions', 'action', 'tool'],
]);
const VERDICT_KEYS = [
  'verdict',
  'finalverdict',
  'decision',
  'finaldecision',
  'judgement',
  'judgment',
  'answer',
  'finalanswer',
  'result',
  'action',
  'recommendation',
  'conclusion',
  'urteil',
  'entscheidung',
  'veredicto',
  'verdetto',
  'decisión',
  'décision',
  'вердикт',
  'решение',
  '判定',
  '判决',
  '裁决',
  '结论',
  '結論',
  '판정',
];
/** Of these, the ones of which nothing but a verdict can be the value. */
const SURE_VERDICT_KEYS: ReadonlySet<string> = new Set(['verdict', 'finalverdict']);
const REASON_KEYS = [
  'reasons',
  'reason',
  'rationale',
  'explanation',
  'justification',
  'reasoning',
  'why',
  'gründe',
  'begründung',
  'razones',
  'raisons',
  'motivos',
  'motivi',
  'причины',
  '理由',
  '原因',
  '이유',
];
const EVIDENCE_KEYS = [
  'evidence',
  'evidenceids',
  'evidenceid',
  'citedevidence',
  'citations',
  'cited',
  'cites',
  'ids',
  'references',
  'beweise',
  'belege',
  'evidencia',
  'доказательства',
  '证据',
  '證據',
  '証拠',
];
/** Under these a verdict may be nested. */
const WRAPPER_KEYS: ReadonlySet<string> = new Set([
  ...VERDICT_KEYS,
  ...['response', 'output', 'final', 'content', 'message', 'json', 'reply', 'return', 'data', 'assessment'],
]);

/** Reads the calls and verdicts in a JSON value, nested ones too. True when there was anything of the kind, an example included. */
export function readObject(value: unknown, answers: Answers, depth = 0): boolean {
  if (typeof value === 'string') return readNestedText(value, answers, depth);
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return false;
  if (Array.isArray(value)) {
    return value
      .slice(0, ITEMS_MAX)
      .map((item) => typeof item === 'object' && readObject(item, answers, depth + 1))
      .includes(true);
  }
  const fields = fieldsOf(value);
  const isCall = readCall(fields, answers, depth) || readCallLists(fields, answers, depth);
  const isVerdict = readVerdict(fields, answers, depth);
  return isCall || isVerdict || readNamedByKey(value, answers) || readWrapped(fields, answers, depth);
}

type Fields = ReadonlyMap<string, unknown>;

/** Keys without case, underscores and hyphens. */
function fieldsOf(value: object): Fields {
  const entries = Object.entries(value).slice(0, KEYS_MAX);
  return new Map(entries.map(([key, item]) => [plainKey(key), item]));
}

/** A key or label without case, underscores, hyphens and blanks. */
export function plainKey(key: string): string {
  return key
    .slice(0, 60)
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}]/gu, '');
}

/** `{"tool":"WHOIS","args":{…}}` and its like; the arguments may stand beside the name. */
function readCall(fields: Fields, answers: Answers, depth: number): boolean {
  for (const key of NAME_KEYS) {
    const written = fields.get(key);
    if (typeof written !== 'string') continue;
    const argsKey = ARGS_KEYS.find((one) => fields.has(one));
    const isTold = argsKey !== undefined || SURE_NAME_KEYS.has(key);
    if (!isKnownName(written) && (!isTold || (key === 'action' && readWord(written).kind === 'word')))
      continue;
    const args = argsKey === undefined ? beside(fields) : fields.get(argsKey);
    // A reply in the manner of LangChain ends with an action that is none.
    if (isFinal(written)) return readObject(args, answers, depth + 1);
    const name = readToolName(written);
    // A tool's description, repeated, is no call of it.
    if (name === null || isSchema(args)) {
      answers.sawExample();
      // `{"tool":null,"verdict":…}` is a verdict still.
      return argsKey !== undefined;
    }
    if (name === VERDICT_NAME) return readVerdictCall(args, fields, answers, depth);
    answers.call(null, name, readArgs(args, answers.json));
    return true;
  }
  return false;
}

function isSchema(args: unknown): boolean {
  return typeof args === 'object' && args !== null && 'properties' in args && 'type' in args;
}

function isFinal(name: string): boolean {
  return ['finalanswer', 'final', 'answer', 'finish', 'finalverdict', 'submit'].includes(plainKey(name));
}

function readVerdictCall(args: unknown, fields: Fields, answers: Answers, depth: number): boolean {
  const read = readArgs(args, answers.json);
  if (read.kind === 'bad') {
    // `{"tool":"VERDICT","args":"block"}`
    if (typeof args === 'string' && readWord(args).kind === 'word') {
      return readVerdict(new Map([...fields, ['verdict', args]]), answers, depth);
    }
    answers.problem(`the arguments of ${VERDICT_NAME} ${read.why}`);
    return true;
  }
  return readObject(read.args, answers, depth + 1) || answers.problem('it calls VERDICT without a verdict');
}

function beside(fields: Fields): Record<string, unknown> {
  return Object.fromEntries([...fields].filter(([key]) => !BESIDE_KEYS.has(key)));
}

/** `{"tool_calls":[…]}`, `{"function_call":{…}}` and its like. */
function readCallLists(fields: Fields, answers: Answers, depth: number): boolean {
  let isAny = false;
  for (const [key, item] of fields) {
    if (!CALL_KEYS.has(key) || typeof item !== 'object') continue;
    isAny = readObject(item, answers, depth + 1) || isAny;
  }
  return isAny;
}

/** `{"WHOIS":{"domain":"example.com"}}` */
function readNamedByKey(value: object, answers: Answers): boolean {
  const entries = Object.entries(value).slice(0, ITEMS_MAX);
  if (entries.length === 0 || !entries.every(([key, item]) => isKnownName(key) && typeof item === 'object')) {
    return false;
  }
  for (const [key, item] of entries) {
    const name = readToolName(key) ?? key;
    if (name === VERDICT_NAME) readObject(item, answers, DEPTH_MAX);
    else answers.call(null, name, readArgs(item, answers.json));
  }
  return true;
}

function readVerdict(fields: Fields, answers: Answers, depth: number): boolean {
  for (const key of VERDICT_KEYS) {
    const written = fields.get(key);
    if (typeof written !== 'string' || written.trimStart().startsWith('{')) continue;
    const word = readWord(written);
    if (word.kind === 'word') {
      const reasons = textsOf(firstOf(fields, REASON_KEYS), 0);
      const evidence = idsOf(firstOf(fields, EVIDENCE_KEYS), 0);
      answers.verdict(word.verdict, word.rest === '' ? reasons : [...reasons, word.rest], evidence);
      return true;
    }
    if (!SURE_VERDICT_KEYS.has(key)) continue;
    if (word.kind === 'example') answers.sawExample();
    else answers.problem('the verdict must be one of the words allow, block and unsure');
    return true;
  }
  // `{"verdict":{"decision":"block",…}}`
  return VERDICT_KEYS.some((key) => {
    const nested = fields.get(key);
    return typeof nested === 'object' && !Array.isArray(nested) && readObject(nested, answers, depth + 1);
  });
}

function readWrapped(fields: Fields, answers: Answers, depth: number): boolean {
  const wrapped = [...fields].filter(([key]) => WRAPPER_KEYS.has(key) || fields.size === 1);
  return wrapped.map(([, item]) => readObject(item, answers, depth + 1)).includes(true);
}

/** JSON within a string. */
function readNestedText(text: string, answers: Answers, depth: number): boolean {
  if (depth > 2 || !/^\s*[{[]/.test(text)) return false;
  const read = answers.json.parse(text);
  return read.kind === 'ok' && typeof read.value === 'object' && readObject(read.value, answers, depth + 1);
}

function firstOf(fields: Fields, keys: readonly string[]): unknown {
  return fields.get(keys.find((key) => fields.has(key)) ?? '');
}

/** All sentences in a value: a text, a list of texts, or objects that hold them. */
function textsOf(value: unknown, depth: number): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || depth > 2) return [];
  return Object.values(value)
    .slice(0, ITEMS_MAX)
    .flatMap((item) => textsOf(item, depth + 1))
    .filter((text) => depth === 0 || !/^E\d{1,3}$/i.test(text));
}

/** What a value cites: numbers are the numbers of ids, and objects are looked through for theirs. */
function idsOf(value: unknown, depth: number): readonly string[] {
  if (typeof value === 'number') return [`E${value}`];
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || depth > 2) return [];
  if (Array.isArray(value)) return value.slice(0, ITEMS_MAX).flatMap((item) => idsOf(item, depth + 1));
  const fields = fieldsOf(value);
  const id = firstOf(fields, ['id', 'evidenceid', 'evidence', 'ref', 'result']);
  return id === undefined
    ? Object.keys(value).filter((key) => /^E\d{1,3}$/i.test(key))
    : idsOf(id, depth + 1);
}
