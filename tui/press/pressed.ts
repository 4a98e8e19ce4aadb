import type { Controller } from '../control/controller.ts';
import type { KeyPlace } from '../keys/binding.ts';
import type { KeyAction } from '../keys/keys.ts';
import type { Snapshot } from '../state/snapshot.ts';

/** What of the last drawn frame the keys depend on, in rows. */
export interface Metrics {
  /** Rows of the list on screen. */
  readonly listRows: number;
  /** Rows of the text that scrolls, and how many lines it has. */
  readonly scrollRows: number;
  readonly scrollLines: number;
}

/** A key that was pressed: the snapshot on screen then, and what lay uppermost. */
export interface Pressed {
  readonly controller: Controller;
  readonly snapshot: Snapshot;
  readonly metrics: Metrics;
  readonly place: KeyPlace;
}

/** What some of the keys do. */
export type Handlers = Partial<Record<KeyAction, (pressed: Pressed) => void>>;
