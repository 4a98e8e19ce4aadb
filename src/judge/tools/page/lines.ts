import { cleanText } from '../../../model/clean.ts';
import type { Fact } from '../../../model/inquiry.ts';
import { plainFact } from '../../core/facts.ts';
import { HOSTS_MAX, type HostCounts, siteOf, urlText } from './address.ts';
import { ASKED, type Asked } from './forms.ts';
import type { Page, PageForm } from './page.ts';

/** Visible text that is told, in characters. */
const TEXT_MAX_CHARS = 2_000;
const LINE_MAX_CHARS = 300;
const HOST_MAX_CHARS = 100;
const HOSTS_TOLD = 10;

/** What a page shows and where it leads, a fact a line. Each value is cleaned into its line, so that none can pass for another. */
export function pageLines(page: Page, url: URL): readonly string[] {
  const { title, description, refresh, forms, formCount } = page;
  const site = siteOf(url.hostname);
  return [
    `Title: ${oneLine(title) || 'none'}`,
    ...(description === '' ? [] : [`Description: ${oneLine(description)}`]),
    ...(refresh === null
      ? []
      : [`Sends the browser on after ${refresh.seconds} s: ${targetText(refresh.url, site)}`]),
    `Asks for: ${askedText(page.asked)}`,
    ...forms.map((form, index) => `Form ${index + 1}: ${formText(form, site)}`),
    ...(formCount > forms.length ? [`Forms in all: ${formCount}`] : []),
    `Other domains that it links to or takes something from: ${hostsText(page.others)}`,
    `Visible text: ${oneLine(page.text, TEXT_MAX_CHARS) || 'none, without running its scripts'}`,
  ];
}

/** What of a page is counted and not read: nothing on it speaks for its owner. */
export function pageFacts({ asked, forms, others, text }: Page, url: URL): readonly Fact[] {
  const site = siteOf(url.hostname);
  const isElsewhere = forms.some(({ targets }) =>
    targets.some((target) => target && leadsAway(target, site)),
  );
  return [
    plainFact(
      `Its page asks for ${askedText(asked)}${isElsewhere ? ', and sends it to another domain' : ''}.`,
    ),
    plainFact(`It has ${text.length} characters of visible text and leads to ${others.size} other hosts.`),
  ];
}

/** A text from outside on one line; longer ones end in `…`. */
export function oneLine(text: string, max: number = LINE_MAX_CHARS): string {
  return cleanText(text.replace(/\s+/g, ' ').trim(), max);
}

function askedText(asked: ReadonlySet<Asked>): string {
  const texts = Object.entries(ASKED).flatMap(([kind, text]) => (asked.has(kind as Asked) ? text : []));
  return texts.join(', ') || 'nothing secret';
}

function formText({ method, targets, asked }: PageForm, site: string): string {
  const to = targets.map((target) => (target === null ? 'no address' : targetText(target, site)));
  return `${method} to ${to.join(' or ')}; asks for ${askedText(asked)}`;
}

function targetText(target: URL, site: string): string {
  return `${urlText(target)}${leadsAway(target, site) ? ' (ANOTHER DOMAIN)' : ''}`;
}

function leadsAway(target: URL, site: string): boolean {
  return /^https?:$/.test(target.protocol) && siteOf(target.hostname) !== site;
}

function hostsText(counts: HostCounts): string {
  const told = [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, HOSTS_TOLD)
    .map(([host, count]) => `${cleanText(host, HOST_MAX_CHARS)}${count === 1 ? '' : ` ×${count}`}`);
  const more = counts.size - told.length;
  if (more > 0) told.push(`${more}${counts.size === HOSTS_MAX ? ' or more' : ''} others`);
  return told.join(', ') || 'none';
}
