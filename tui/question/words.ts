import type { Prompt } from '../../src/schema/prompt.ts';
import { clean, cutName } from '../draw/text.ts';
import { DURATIONS, type ScopeEdit } from './scope-edit.ts';

const NAME_MAX_CHARS = 300;
/** Of a name where more is told beside it. */
export const TOLD_CELLS = 40;
const APP_MAX_CHARS = 60;

type Asking = Pick<Prompt, 'host' | 'domain' | 'ip' | 'apps'>;

/** The name asked for, or the address where there is none; clean. */
export function hostOf({ host, ip }: Asking): string {
  return clean(host ?? ip, NAME_MAX_CHARS);
}

/** The same where an answer is told, cut so that what else is told has room. */
export function shortHostOf(asking: Asking): string {
  return cutName(hostOf(asking), TOLD_CELLS);
}

/** Name or address with its ports: `example.com:443`, `[2001:db8::1]:22`, `example.com:80,443+2`. */
export function targetOf(question: Prompt): string {
  const { host, ip, ports } = question;
  const name = host === null && ip.includes(':') ? `[${hostOf(question)}]` : hostOf(question);
  const more = ports.length > 2 ? `+${ports.length - 2}` : '';
  return `${name}:${ports.slice(0, 2).join(',')}${more}`;
}

/** What the first program that asks is called. */
export function appOf({ apps }: Asking): string {
  const app = apps[0];
  const name = app?.name ?? app?.path?.split('/').at(-1) ?? null;
  return name === null || name === '' ? 'an unknown program' : clean(name, APP_MAX_CHARS);
}

/** Whom a rule for the programs that ask is about. */
function appsOf(question: Asking): string {
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
export function scopeSentence(edit: ScopeEdit, question: Asking, done = false): ScopeSentence {
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

/** How much time is left, in seconds up to two minutes. */
export function leftText(ms: number): string {
  if (ms <= 0) return 'time is over';
  return `${secondsText(Math.ceil(ms / 1_000))} left`;
}

/** How long ago, in seconds up to two minutes. */
export function agoText(ms: number): string {
  return `${secondsText(Math.max(0, Math.floor(ms / 1_000)))} ago`;
}

/** `3 connections`. */
export function connectionsText(count: number): string {
  return count === 1 ? '1 connection' : `${count} connections`;
}

function secondsText(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`;
}
