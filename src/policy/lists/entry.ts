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

/** Takes what a line says. A line may say several things. */
export interface EntrySink {
  name(host: Host, side: Side): void;
  range(range: AddressRange, side: Side): void;
  skip(reason: SkipReason): void;
}
