import type { Ancestor } from '../model/flow.ts';

/** Longest chain that is kept. */
const LINEAGE_MAX = 16;

/**
 * The parents of a process from its parent and that one's own parents: parent first. Cut at 16, and before a pid that comes
 * twice, which can only be one that was reused while we looked.
 */
export function lineage(parent: Ancestor, itsParents: readonly Ancestor[]): readonly Ancestor[] {
  const again = itsParents.findIndex((ancestor) => ancestor.pid === parent.pid);
  return [parent, ...itsParents.slice(0, Math.min(LINEAGE_MAX - 1, again === -1 ? LINEAGE_MAX : again))];
}
