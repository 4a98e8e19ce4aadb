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

/**
 * What an entry does to a name in its own list, and in no other: `listed` is what the list is for, `excepted` takes it out,
 * `important` is listed whatever is excepted, and `important_excepted` takes out even that.
 */
export const SIDES = ['listed', 'excepted', 'important', 'important_excepted'] as const;
export type Side = (typeof SIDES)[number];

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
  | 'cancelled'
  | 'port'
  | 'redirect'
  | 'trigger'
  | 'other_format'
  | 'public_suffix'
  | 'too_broad'
  | 'full';

/** Takes what a line says. A line may say several things. */
export interface EntrySink {
  /** Adblock rules that `$badfilter` cancels in this list, as `parseAdblock` spells them. */
  readonly cancelled: ReadonlySet<string>;
  cancel(rule: string): void;
  name(host: Host, side: Side): void;
  range(range: AddressRange, side: Side): void;
  skip(reason: SkipReason): void;
}
