import { parseRange } from '../hosts/ip-set.ts';
import type { EntrySink, Side } from './entry.ts';
import { addName, isSinkAddress } from './name.ts';

const TYPES = /^(?:CNAME|A|AAAA|TXT|SOA|NS|MX|PTR|SRV|DNAME|RRSIG|DNSKEY|NSEC3?|CAA|HTTPS|SVCB)$/i;
const TRIGGER = /\.rpz-(?:ip|client-ip|nsdname|nsip)$/i;

/**
 * Reads a response policy zone (draft-vixie-dnsop-dns-rpz-00) in master file form (RFC 1035 section 5): `x CNAME .` and
 * its kin block, `rpz-passthru.` excepts, `rpz-ip` owners are addresses. State: origin, last owner, an open parenthesis.
 */
export class RpzParser {
  readonly #sink: EntrySink;
  #origin = '';
  #owner = '';
  #open = false;

  constructor(sink: EntrySink) {
    this.#sink = sink;
  }

  line(raw: string): void {
    const comment = raw.indexOf(';');
    const text = comment < 0 ? raw : raw.slice(0, comment).trimEnd();
    if (this.#open) {
      this.#open = !text.includes(')');
      return;
    }
    if (text.trim() === '' || /^\s*#/.test(text)) return;
    if (text.startsWith('$')) {
      this.#directive(text);
      return;
    }
    const tokens = text.trim().split(/\s+/);
    if (!/^\s/.test(text)) this.#owner = tokens.shift() ?? '';
    while (tokens.length > 0 && /^(?:\d+[smhdw]?|IN)$/i.test(tokens[0] ?? '')) tokens.shift();
    const [type = '', target = ''] = tokens;
    if (!TYPES.test(type)) {
      this.#sink.skip('not_a_name');
      return;
    }
    this.#record(type.toUpperCase(), target, text);
  }

  #directive(text: string): void {
    const [name, value = ''] = text.split(/\s+/);
    if (name?.toUpperCase() === '$ORIGIN') this.#origin = value.toLowerCase();
  }

  #record(type: string, target: string, text: string): void {
    if (type === 'SOA') {
      this.#open = text.includes('(') && !text.includes(')');
      if (this.#origin === '' && this.#owner.endsWith('.')) this.#origin = this.#owner.toLowerCase();
      return;
    }
    if (this.#owner === '@' || this.#owner === '') return;
    const owner = this.#relative(this.#owner.toLowerCase());
    const side = sideOf(type, target.toLowerCase(), owner);
    if (side === 'silent') return;
    if (side === 'redirect' || side === 'trigger') {
      this.#sink.skip(side);
      return;
    }
    this.#add(owner, side);
  }

  #add(owner: string, side: Side): void {
    if (!TRIGGER.test(owner)) {
      addName(owner, side, this.#sink);
      return;
    }
    const range = owner.endsWith('.rpz-ip') ? parseRange(addressOf(owner.slice(0, -'.rpz-ip'.length))) : null;
    if (range === null) {
      this.#sink.skip('trigger');
      return;
    }
    this.#sink.range(range, side);
  }

  /** An owner without the zone's own name: absolute owners end in it. */
  #relative(owner: string): string {
    const origin = this.#origin;
    if (origin !== '' && origin !== '.' && owner.endsWith(`.${origin}`))
      return owner.slice(0, -origin.length - 1);
    return owner.endsWith('.') ? owner.slice(0, -1) : owner;
  }
}

function sideOf(type: string, target: string, owner: string): Side | 'silent' | 'redirect' | 'trigger' {
  if (type === 'A' || type === 'AAAA') return isSinkAddress(target) ? 'listed' : 'redirect';
  if (type !== 'CNAME') return 'silent';
  if (target === '.' || target === '*.' || target === 'rpz-drop.' || target === 'rpz-drop') return 'listed';
  const self = target.replace(/\.$/, '') === owner;
  if (self || target === 'rpz-passthru.' || target === 'rpz-passthru') return 'excepted';
  return target.startsWith('rpz-tcp-only') ? 'trigger' : 'redirect';
}

/** `24.0.113.0.203` as `203.0.113.0/24`; `48.zz.db8.2001` as `2001:db8::/48`. */
function addressOf(reversed: string): string {
  const [prefix = '', ...parts] = reversed.split('.');
  const ordered = parts.reverse();
  const four = ordered.length === 4 && ordered.every((part) => /^\d{1,3}$/.test(part));
  if (four) return `${ordered.join('.')}/${prefix}`;
  const text = ordered.map((part) => (part === 'zz' ? '' : part)).join(':');
  const head = text.startsWith(':') ? ':' : '';
  const tail = text.endsWith(':') ? ':' : '';
  return `${head}${text}${tail}/${prefix}`;
}
