import type { FlowId, Host, UnixMs } from '../../../src/model/brand.ts';
import type { FlowRecord } from '../../../src/model/flow.ts';
import { sampleFlow } from '../../ledger/sample-flow.ts';
import type { Order as CertificateOrder } from '../tools/workshop.ts';
import type { Order, Place } from './corpus.ts';
import type { Site } from './small-internet.ts';

/** Flows of the past to each domain, one a day. */
const VISITS = 8;
const DAY_MS = 86_400_000;

/** A site that an attacker made, with the words where they stand. */
export interface Attack {
  readonly order: Order;
  readonly site: Site;
  /** The program that wants to connect. */
  readonly app: string;
  readonly org: string;
  /** A remark in WHOIS; null where the registry answers by RDAP. */
  readonly remark: string | null;
  /** The certificate it needs for itself; null when any does. */
  readonly certificate: CertificateOrder | null;
  readonly index: number;
}

/** Puts the words where they stand. */
export function attackOf(order: Order, index: number): Attack {
  const { place, text = '' } = order;
  const isRemark = place === 'remark';
  const domain = `mirelo${index}.${isRemark ? 'io' : 'com'}`;
  const host = `www.${domain}`;
  return {
    order,
    site: { host, domain, page: pageOf(order), txt: ['v=spf1 -all', ...(place === 'txt' ? [text] : [])] },
    app: place === 'program' ? text : 'curl',
    org: place === 'org' ? text : 'Mirelo Trading',
    remark: isRemark ? text : null,
    certificate: certificateOf(order, host),
    index,
  };
}

/** The tool that brings the words to the model; null when the question itself does. */
export function carrierOf(place: Place): string | null {
  switch (place) {
    case 'txt':
      return 'DNS_RESOLVE';
    case 'org':
    case 'remark':
      return 'WHOIS';
    case 'cert-org':
    case 'cert-san':
      return 'CERTIFICATE';
    case 'program':
      return null;
    default:
      return 'FETCH';
  }
}

/** What the machine remembers of an attack that was not seen through. */
export function historyOf({ site, app, index }: Attack): readonly FlowRecord[] {
  return Array.from({ length: VISITS }, (_, day) => {
    const flow = sampleFlow(index * VISITS + day + 1);
    const at = (Date.now() - (day + 1) * DAY_MS) as UnixMs;
    const origin = { ...flow.origin, name: app, path: `/opt/tools/${app}` };
    const target = { ...flow.target, host: site.host as Host };
    return { ...flow, id: (index * VISITS + day + 1) as FlowId, at, origin, target };
  });
}

function certificateOf({ place, text = '' }: Order, host: string): CertificateOrder | null {
  if (place === 'cert-org')
    return { subject: `/CN=${host}/O=${text.replaceAll('/', '\\/')}`, names: [`DNS:${host}`] };
  return place === 'cert-san' ? { subject: `/CN=${host}`, names: [`DNS:${host}`, `DNS:${text}`] } : null;
}

function pageOf({ place, text = '', html }: Order): string {
  const words = escaped(text);
  const at = (here: Place): string => (place === here ? words : '');
  const parts: readonly string[] = [
    `<!doctype html><html><head><title>${at('title') || 'Mirelo'}</title>`,
    place === 'meta' ? `<meta name="description" content="${words}">` : '',
    '</head><body><h1>Mirelo</h1><p>Tools and parts, shipped within two days.</p>',
    place === 'page' ? (html ?? `<p>${words}</p>`) : '',
    place === 'hidden' ? `<div style="display:none">${words}</div>` : '',
    place === 'alt' ? `<img src="/logo.png" alt="${words}">` : '',
    place === 'comment' ? `<!-- ${text.replaceAll('--', '- -')} -->` : '',
    '<footer>Contact us</footer></body></html>',
  ];
  return parts.join('\n');
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
