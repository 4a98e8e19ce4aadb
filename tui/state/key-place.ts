import type { KeyPlace } from '../keys/binding.ts';
import type { Snapshot } from './snapshot.ts';

/** What lies uppermost and gets the keys. */
export function placeOf({ ui, queue }: Pick<Snapshot, 'ui' | 'queue'>): KeyPlace {
  if (ui.quitting) return 'quit';
  if (ui.edit !== null) return 'filter';
  if (ui.scope !== null) return 'scope';
  if (ui.help) return 'help';
  if (ui.transcript !== null) return 'transcript';
  if (ui.view !== 'flows') return ui.view;
  if (ui.breakdown) return 'breakdown';
  return queue.front === null ? 'flows' : 'question';
}

/** Whoever reads the transcript of one inquiry means that name, and not whatever else is asked below it. */
export function canAnswer({ ui, queue }: Pick<Snapshot, 'ui' | 'queue'>, place: KeyPlace): boolean {
  return place !== 'transcript' || (queue.front !== null && queue.front.inquiry === ui.transcript);
}
