import type { Host, Ip } from '../../model/brand.ts';
import type { Category } from '../../model/flow.ts';

/** One entry of one list that a name or address matched. */
export interface ListHit {
  /** What the list is called on screen. */
  readonly list: string;
  readonly category: Category | 'allow';
  /** The entry that matched: the host itself or the parent that is listed; an address or range for addresses. */
  readonly entry: string;
  /** 1-based line in the source; 0 when the source has no lines. */
  readonly line: number;
}

/** Whose a name is. */
export interface Provider {
  readonly owner: string;
  /** Such as `cdn`; `hosting` names are chosen by customers. */
  readonly kind: string;
}

/** What decide asks of the lists; null when nothing matches. Each call costs well under a microsecond. */
export interface HostLists {
  allow(host: Host): ListHit | null;
  block(host: Host): ListHit | null;
  allowIp(ip: Ip): ListHit | null;
  blockIp(ip: Ip): ListHit | null;
  /** For explanations only; missing where nothing tells. */
  provider?(host: Host): Provider | null;
}
