/** Where a key is pressed: what lies uppermost on the screen. `question` is the feed while something is asked. */
export type KeyPlace =
  | 'quit'
  | 'filter'
  | 'scope'
  | 'help'
  | 'flows'
  | 'question'
  | 'breakdown'
  | 'transcript'
  | 'rules'
  | 'lists'
  | 'judge';

interface KeyText {
  /** The keys as a person reads them; the first of them when left out. */
  readonly label?: string;
  /** A sentence for the help; absent for keys that every line editor has. */
  readonly does?: string;
  /** One or two words for the line of keys at the bottom; absent where that line is not the place. */
  readonly hint?: string;
}

/** One row of the table that both the help and the dispatch are made from. */
export interface KeyBinding<Action extends string> extends KeyText {
  readonly action: Action;
  /** Names as `keyNames` gives them. */
  readonly keys: readonly string[];
  readonly label: string;
  readonly places: readonly KeyPlace[];
}

const LABELS: Readonly<Record<string, string>> = {
  ...{ enter: 'Enter', escape: 'Esc', tab: 'Tab', ' ': 'space', pageup: 'PgUp', pagedown: 'PgDn' },
  ...{ up: '↑', down: '↓', left: '←', right: '→', home: 'Home', end: 'End' },
  ...{ 'ctrl+c': 'Ctrl-C', 'ctrl+u': 'Ctrl-U', 'ctrl+w': 'Ctrl-W' },
};

/** A row of the table. */
export function bind<Action extends string>(
  action: Action,
  keys: readonly [string, ...string[]],
  places: readonly KeyPlace[],
  text: KeyText = {},
): KeyBinding<Action> {
  return { action, keys, places, label: LABELS[keys[0]] ?? keys[0], ...text };
}
