import type { AnswerScope, Prompt } from '../../src/schema/prompt.ts';
import { clean } from '../draw/text.ts';
import { appOf, hostOf, NAME_MAX_CHARS } from '../words/question.ts';

/** What of a lasting answer can be chosen, in the order in which it stands on the line. */
export type ScopeField = 'app' | 'target' | 'duration';

/** A lasting answer while it is put together. Pinned to its question. */
export interface ScopeEdit {
  readonly question: number;
  readonly action: 'allow' | 'block';
  readonly field: ScopeField;
  readonly app: 'this' | 'all';
  readonly target: 'name' | 'domain';
  readonly duration: DurationId;
}

/** How long an answer can be in force. */
export type DurationId = 'hour' | 'day' | 'week' | 'ever';

/** The fields in that order. */
export const FIELDS: readonly ScopeField[] = ['app', 'target', 'duration'];
/** The durations from short to long, in milliseconds; null for ever. */
const DURATIONS: Readonly<
  Record<DurationId, { readonly ms: number | null; readonly label: string; readonly words: string }>
> = {
  hour: { ms: 3_600_000, label: '1 h', words: 'for 1 hour' },
  day: { ms: 86_400_000, label: '1 day', words: 'for 1 day' },
  week: { ms: 604_800_000, label: '1 week', words: 'for 1 week' },
  ever: { ms: null, label: 'for ever', words: 'for ever' },
};
const DURATION_IDS = Object.keys(DURATIONS) as readonly DurationId[];

/** A choice of a field, with the few words it is offered in. */
export interface ScopeChoice {
  readonly value: string;
  readonly label: string;
}

/** How a lasting answer starts: this program, this name, for ever. */
export function openScope(question: Prompt, action: 'allow' | 'block'): ScopeEdit {
  const app = choicesOf('app', question)[0]?.value === 'this' ? 'this' : 'all';
  return { question: question.id, action, field: 'app', app, target: 'name', duration: 'ever' };
}

/** What a field can be for a question: no rule can name a program that is not known, nor the domain of a bare address. */
export function choicesOf(field: ScopeField, question: Prompt): readonly ScopeChoice[] {
  switch (field) {
    case 'app': {
      const all = { value: 'all', label: 'every app' };
      const known = question.apps.length > 0 && question.apps.every((app) => (app.path ?? app.name) !== null);
      const these = question.apps.length > 1 ? 'these apps' : 'this app';
      return known ? [{ value: 'this', label: these }, all] : [all];
    }
    case 'target': {
      const name = { value: 'name', label: question.host === null ? 'address' : 'name' };
      return question.domain === null ? [name] : [name, { value: 'domain', label: 'domain' }];
    }
    case 'duration':
      return DURATION_IDS.map((id) => ({ value: id, label: DURATIONS[id].label }));
  }
}

/** The field beside, round the end. */
export function moveField(edit: ScopeEdit, by: 1 | -1): ScopeEdit {
  const at = FIELDS.indexOf(edit.field);
  return { ...edit, field: FIELDS[(at + by + FIELDS.length) % FIELDS.length] ?? edit.field };
}

/** The next choice of the field, round the end. */
export function changeValue(edit: ScopeEdit, question: Prompt, by: 1 | -1): ScopeEdit {
  const choices = choicesOf(edit.field, question);
  const at = choices.findIndex((choice) => choice.value === edit[edit.field]);
  const next = choices[(Math.max(0, at) + by + choices.length) % choices.length];
  return next === undefined ? edit : { ...edit, [edit.field]: next.value };
}

/** The scope as the engine takes it. */
export function answerScope(edit: ScopeEdit): AnswerScope {
  return { kind: 'rule', app: edit.app, target: edit.target, forMs: DURATIONS[edit.duration].ms };
}

/** Whom a rule for the programs that ask is about. */
function appsOf(question: Prompt): string {
  const others = question.apps.length - 1;
  return others > 0 ? `${appOf(question)} and ${others} more` : appOf(question);
}

/** What a lasting answer would put in force, in its parts: verb, who, what, whom, how long. */
export interface ScopeSentence {
  readonly verb: string;
  readonly app: string;
  readonly to: string;
  readonly target: string;
  /** After the target, where more than the name is meant. */
  readonly reach: string;
  readonly duration: string;
}

/** The sentence of a lasting answer; `done` when it is in force already. */
export function scopeSentence(edit: ScopeEdit, question: Prompt, done = false): ScopeSentence {
  const allow = edit.action === 'allow';
  const isDomain = edit.target === 'domain' && question.domain !== null;
  return {
    verb: done ? (allow ? 'allowed' : 'blocked') : edit.action,
    app: edit.app === 'all' ? 'every program' : appsOf(question),
    to: allow ? 'to reach' : 'from reaching',
    target: isDomain ? clean(question.domain ?? '', NAME_MAX_CHARS) : hostOf(question),
    reach: isDomain ? ' and all below it' : '',
    duration: DURATIONS[edit.duration].words,
  };
}
