import type { Prompt } from '../../src/schema/prompt.ts';
import { clean, cutName } from '../draw/text.ts';

/** Longest name that is shown. */
export const NAME_MAX_CHARS = 300;
/** Of a name where more is told beside it. */
export const SHORT_NAME_CELLS = 40;
const APP_MAX_CHARS = 60;

/** The name asked for, or the address where there is none; clean. */
export function hostOf({ host, ip }: Prompt): string {
  return clean(host ?? ip, NAME_MAX_CHARS);
}

/** The same where an answer is told, cut so that what else is told has room. */
export function shortHostOf(question: Prompt): string {
  return cutName(hostOf(question), SHORT_NAME_CELLS);
}

/** Name or address with its ports: `example.com:443`, `[2001:db8::1]:22`, `example.com:80,443+2`. */
export function targetOf(question: Prompt): string {
  const { host, ip, ports } = question;
  const name = host === null && ip.includes(':') ? `[${hostOf(question)}]` : hostOf(question);
  const more = ports.length > 2 ? `+${ports.length - 2}` : '';
  return `${name}:${ports.slice(0, 2).join(',')}${more}`;
}

/** What the first program that asks is called. */
export function appOf({ apps }: Prompt): string {
  const app = apps[0];
  const name = app?.name ?? app?.path?.split('/').at(-1) ?? null;
  return name === null || name === '' ? 'an unknown program' : clean(name, APP_MAX_CHARS);
}

/** How much time is left, in seconds up to two minutes. */
export function remainingText(ms: number): string {
  if (ms <= 0) return 'time is over';
  return `${secondsText(Math.ceil(ms / 1_000))} left`;
}

/** How long ago, in seconds up to two minutes. */
export function agoText(ms: number): string {
  return `${secondsText(Math.max(0, Math.floor(ms / 1_000)))} ago`;
}

function secondsText(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`;
}
