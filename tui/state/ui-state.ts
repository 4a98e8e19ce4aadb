import { assertNever } from '../../src/model/never.ts';
import type { Tone } from '../draw/text.ts';
import type { ScopeEdit } from './scope-edit.ts';

/** The views that tab goes through; a further view is a member here and a row in `VIEWS`. */
export type ViewId = 'flows' | 'rules' | 'lists' | 'judge';

/** The views in the order of their keys 1, 2, … */
export const VIEWS: readonly { readonly id: ViewId; readonly title: string }[] = [
  { id: 'flows', title: 'connections' },
  { id: 'rules', title: 'rules' },
  { id: 'lists', title: 'lists' },
  { id: 'judge', title: 'judge' },
];

/** Longest filter that can be typed. */
export const FILTER_MAX_CHARS = 200;

/** A line that says what came of a key. */
export interface Toast {
  readonly text: string;
  readonly tone: Tone;
  /** When it goes, milliseconds since 1970. */
  readonly until: number;
}

/** A chosen row, by the id or name of what it shows, and the screen line it was chosen on. */
export interface Choice {
  readonly id: string | number;
  readonly line: number;
}

/** The filter while it is typed. */
export interface FilterEdit {
  readonly text: string;
  /** Where the next character goes, in UTF-16 units. */
  readonly caret: number;
  /** Why the text is no filter yet; null when it is one and is in force. */
  readonly error: string | null;
  /** What was in force before, for Esc. */
  readonly before: string;
}

/** All that the person's keys have set; nothing in it comes from the engine. */
export interface UiState {
  readonly view: ViewId;
  /** The row chosen in each view; without one the newest is followed (connections), or the first stands chosen. */
  readonly choices: Readonly<Partial<Record<ViewId, Choice>>>;
  /** The inquiry whose transcript lies over the breakdown, or beside the inquiries; null when closed. */
  readonly transcript: number | null;
  /** The question the person turned to; it need not be open any more. */
  readonly question: number | null;
  /** A lasting answer while it is put together. */
  readonly scope: ScopeEdit | null;
  readonly breakdown: boolean;
  readonly help: boolean;
  readonly quitting: boolean;
  readonly frozen: boolean;
  /** First line drawn of the text that scrolls: the help while it is open, else the transcript, else the breakdown. */
  readonly scroll: number;
  /** The filter in force. */
  readonly filter: string;
  readonly edit: FilterEdit | null;
  readonly toast: Toast | null;
}

/** How the screen starts. */
export const FIRST_UI: UiState = {
  view: 'flows',
  choices: {},
  transcript: null,
  question: null,
  scope: null,
  breakdown: false,
  help: false,
  quitting: false,
  frozen: false,
  scroll: 0,
  filter: '',
  edit: null,
  toast: null,
};

/** What can change the screen's own state. */
export type UiAction =
  | { readonly type: 'show'; readonly view: ViewId }
  | { readonly type: 'choose'; readonly view: ViewId; readonly choice: Choice }
  | { readonly type: 'follow_newest' }
  | { readonly type: 'choose_question'; readonly question: number }
  | { readonly type: 'scope'; readonly edit: ScopeEdit | null }
  | { readonly type: 'open_transcript'; readonly inquiry: number }
  | { readonly type: 'open_breakdown' }
  | { readonly type: 'back' }
  | { readonly type: 'toggle_help' }
  | { readonly type: 'ask_quit' }
  | { readonly type: 'toggle_freeze' }
  | { readonly type: 'scroll'; readonly to: number }
  | { readonly type: 'edit_filter' }
  | { readonly type: 'typed'; readonly text: string; readonly caret: number; readonly error: string | null }
  | { readonly type: 'keep_filter' }
  | { readonly type: 'toast'; readonly toast: Toast | null };

/** The next state; pure. */
export function reduceUi(ui: UiState, action: UiAction): UiState {
  switch (action.type) {
    case 'show':
      return { ...ui, view: action.view, help: false, breakdown: false, transcript: null, scroll: 0 };
    case 'choose': {
      const isOther = action.view === 'flows' && action.choice.id !== ui.choices.flows?.id;
      const choices = { ...ui.choices, [action.view]: action.choice };
      return { ...ui, choices, scroll: isOther && !ui.help ? 0 : ui.scroll };
    }
    case 'follow_newest':
      return { ...ui, choices: withoutFlow(ui.choices), scroll: ui.help ? ui.scroll : 0 };
    case 'choose_question':
      return { ...ui, question: action.question };
    case 'scope':
      // What was said before may lie over the keys that put the answer together.
      return { ...ui, scope: action.edit, toast: action.edit === null ? ui.toast : null };
    case 'open_transcript':
      return { ...ui, transcript: action.inquiry, scroll: 0 };
    case 'open_breakdown':
      return { ...ui, breakdown: true, scroll: 0 };
    case 'back':
      return back(ui);
    case 'toggle_help':
      return { ...ui, help: !ui.help, scroll: 0 };
    case 'ask_quit':
      return { ...ui, quitting: true };
    case 'toggle_freeze':
      return { ...ui, frozen: !ui.frozen };
    case 'scroll':
      return { ...ui, scroll: Math.max(0, action.to) };
    case 'edit_filter':
      return {
        ...ui,
        edit: { text: ui.filter, caret: ui.filter.length, error: null, before: ui.filter },
      };
    case 'typed':
      return typed(ui, action.text, action.caret, action.error);
    case 'keep_filter':
      return ui.edit?.error === null ? { ...ui, edit: null } : ui;
    case 'toast':
      return { ...ui, toast: action.toast };
    default:
      return assertNever(action);
  }
}

// Esc undoes one thing at a time, the latest laid over the screen first.
function back(ui: UiState): UiState {
  if (ui.quitting) return { ...ui, quitting: false };
  if (ui.edit !== null) return { ...ui, edit: null, filter: ui.edit.before };
  if (ui.scope !== null) return { ...ui, scope: null };
  if (ui.help) return { ...ui, help: false, scroll: 0 };
  if (ui.transcript !== null) return { ...ui, transcript: null, scroll: 0 };
  if (ui.view !== 'flows') return { ...ui, view: 'flows' };
  if (ui.breakdown) return { ...ui, breakdown: false, scroll: 0 };
  if (ui.choices.flows !== undefined) return { ...ui, choices: withoutFlow(ui.choices) };
  if (ui.frozen) return { ...ui, frozen: false };
  return ui.filter === '' ? ui : { ...ui, filter: '' };
}

function typed(ui: UiState, text: string, caret: number, error: string | null): UiState {
  if (ui.edit === null) return ui;
  const edit = { ...ui.edit, text, caret, error };
  // Half a filter is none: `host` alone would have hidden everything on the way to `host:example`.
  return { ...ui, edit, filter: error === null ? text : edit.before };
}

function withoutFlow({ flows: _flows, ...others }: UiState['choices']): UiState['choices'] {
  return others;
}
