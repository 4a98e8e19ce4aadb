import type { Host } from '../../model/brand.ts';
import type { AddressRange } from '../hosts/ip-set.ts';

/** How a list is written; `auto` tells every line by its shape. */
export const LIST_FORMATS = [
  'auto',
  'hosts',
  'domains',
  'wildcard',
  'dnsmasq',
  'adblock',
  'rpz',
  'tranco',
] as const;
export type ListFormat = (typeof LIST_FORMATS)[number];

/** `listed` is what the list is for; `excepted` takes a name out of this list, and of no other. */
export type Side = 'listed' | 'excepted';

/** Why a line, or a name on it, was not loaded. */
export type SkipReason =
  | 'too_long'
  | 'binary'
  | 'not_a_name'
  | 'url'
  | 'path'
  | 'pattern'
  | 'cosmetic'
  | 'modifier'
  | 'port'
  | 'redirect'
  | 'trigger'
  | 'other_format'
  | 'public_suffix'
  | 'too_broad'
  | 'full';

/** The words for a reason, as `lists status` shows them. */
export const SKIP_WORDS: Readonly<Record<SkipReason, string>> = {
  too_long: 'the line is longer than a list line can be',
  binary: 'the line holds control characters',
  not_a_name: 'not a host name or address',
  url: 'a URL: only whole hosts can be listed',
  path: 'the rule covers a path, not a whole host',
  pattern: 'the rule is a pattern or regular expression',
  cosmetic: 'the rule hides parts of a page',
  modifier: 'the rule applies only under conditions that a connection does not show',
  port: 'the rule covers a port, not a whole host',
  redirect: 'the line maps the name to an address or server instead of blocking it',
  trigger: 'this kind of response policy trigger is not about a host or address',
  other_format: 'the line is not in the format that its source declares',
  public_suffix: 'quarantined: it would cover every site under a public suffix',
  too_broad: 'quarantined: it would cover a large part of all addresses',
  full: 'the list already holds the most names a list can have',
};

/** Takes what a line says. A line may say several things. */
export interface EntrySink {
  name(host: Host, side: Side): void;
  range(range: AddressRange, side: Side): void;
  skip(reason: SkipReason): void;
}
