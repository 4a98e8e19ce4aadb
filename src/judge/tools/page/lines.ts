import { cleanText } from '../../../model/clean.ts';
import type { Asked, PageForm, PageForms } from './forms.ts';
import { urlText } from './landing.ts';
import type { PageFacts } from './reader.ts';
import { type OtherHosts, siteOf } from './site.ts';

/** Visible text that is told, in characters. */
const TEXT_MAX_CHARS = 2_000;
const LINE_MAX_CHARS = 300;
const HOST_MAX_CHARS = 100;
const HOSTS_TOLD = 10;
const ASKED: Readonly<Record<Exclude<Asked, 'other'>, string>> = {
  password: 'a password',
  card: 'card data',
  otp: 'a one-time code',
  email: 'an e-mail address or user name',
};

/** What a page shows and where it leads, a fact a line. Each value is cleaned into its line, so that none can pass for another. */
export function pageLines(facts: PageFacts, url: URL): readonly string[] {
  const { forms, refresh } = facts;
  const own = siteOf(url.hostname);
  const asked = Object.entries(ASKED).filter(([kind]) => forms.asked.has(kind as Asked));
  const text = oneLine(facts.text, TEXT_MAX_CHARS);
  return [
    `Title: ${oneLine(facts.title) || 'none'}`,
    ...(facts.lang === '' ? [] : [`Language: ${oneLine(facts.lang)}`]),
    ...(facts.description === '' ? [] : [`Description: ${oneLine(facts.description)}`]),
    ...(refresh === null
      ? []
      : [`Sends the browser on after ${refresh.seconds} s: ${targetText(refresh.url, own)}`]),
    `Asks for: ${asked.length === 0 ? 'nothing secret' : asked.map(([, words]) => words).join(', ')}`,
    ...formLines(forms, own),
    `Scripts: ${facts.scripts}; scripts and frames from other domains: ${hostsText(facts.embeds)}`,
    `Pictures and styles from other domains: ${hostsText(facts.looks)}`,
    `Links to other domains: ${hostsText(facts.links)}`,
    `Visible text: ${text === '' ? 'none, without running its scripts' : text}`,
  ];
}

function formLines(forms: PageForms, own: string): readonly string[] {
  const lines = forms.kept.map((form, index) => `Form ${index + 1}: ${formText(form, own)}`);
  if (forms.count > lines.length) lines.push(`Forms in all: ${forms.count}`);
  const { loose } = forms;
  if (loose.fields.length > 0) lines.push(`Fields outside of forms: ${fieldsText(loose)}`);
  return lines;
}

function formText(form: PageForm, own: string): string {
  const targets = form.targets.map((target) => (target === null ? 'no address' : targetText(target, own)));
  return `${form.method} to ${targets.join(' or ')}; fields: ${fieldsText(form)}`;
}

function fieldsText({ fields, more, hidden }: PageForm): string {
  const parts = [...fields];
  if (more > 0) parts.push(`${more} more`);
  if (hidden > 0) parts.push(`${hidden} hidden`);
  return parts.length === 0 ? 'none' : parts.join(', ');
}

function targetText(target: URL, own: string): string {
  if (target.protocol !== 'http:' && target.protocol !== 'https:')
    return cleanText(`${target.protocol}…`, 40);
  return `${urlText(target)}${siteOf(target.hostname) === own ? '' : ' (ANOTHER DOMAIN)'}`;
}

function hostsText(hosts: OtherHosts): string {
  const top = hosts
    .top(HOSTS_TOLD)
    .map(({ host, count }) => `${cleanText(host, HOST_MAX_CHARS)}${count === 1 ? '' : ` ×${count}`}`);
  if (top.length === 0) return 'none';
  const more = hosts.size - top.length;
  if (more > 0) top.push(`${more}${hosts.isFull ? ' or more' : ''} others`);
  return top.join(', ');
}

function oneLine(text: string, max: number = LINE_MAX_CHARS): string {
  return cleanText(text.replace(/\s+/g, ' ').trim(), max);
}
