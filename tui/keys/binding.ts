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

/** What a key does. */
export type KeyAction =
  | QuestionAction
  | JudgeAction
  | 'up'
  | 'down'
  | 'page_up'
  | 'page_down'
  | 'first'
  | 'last'
  | 'open'
  | 'back'
  | 'allow'
  | 'block'
  | 'undo'
  | 'remove_rule'
  | 'switch_list'
  | 'update_lists'
  | 'filter'
  | 'freeze'
  | 'next_view'
  | 'view_1'
  | 'view_2'
  | 'view_3'
  | 'view_4'
  | 'help'
  | 'quit'
  | 'stop'
  | 'detach'
  | 'keep_filter'
  | 'erase'
  | 'erase_word'
  | 'erase_all'
  | 'caret_left'
  | 'caret_right'
  | 'caret_start'
  | 'caret_end';

/** One row of the table that both the help and the dispatch are made from. */
export interface KeyBinding {
  readonly action: KeyAction;
  /** Names as `keyNames` gives them. */
  readonly keys: readonly string[];
  /** The keys as a person reads them. */
  readonly label: string;
  /** A sentence for the help; absent for keys that every line editor has. */
  readonly does?: string;
  /** One or two words for the line of keys at the bottom; absent where that line is not the place. */
  readonly hint?: string;
  readonly places: readonly KeyPlace[];
}

/** What a key does with the judge's inquiries. */
export type JudgeAction = 'transcript' | 'open_inquiry' | 'replay' | 'forget';

/** What a key does with a question, or with the lasting answer to it. */
export type QuestionAction =
  | 'answer_allow'
  | 'answer_block'
  | 'scope_allow'
  | 'scope_block'
  | 'next_question'
  | 'previous_question'
  | 'next_field'
  | 'previous_field'
  | 'next_value'
  | 'previous_value'
  | 'confirm_scope';
