import { bind, type KeyPlace } from './binding.ts';

const INQUIRY: readonly KeyPlace[] = ['judge', 'transcript'];

/** The keys that read what the judge did, run it again, and take it back. */
export const JUDGE_KEYS = [
  bind('transcript', ['j'], ['flows', 'breakdown'], {
    does: 'the transcript of the inquiry behind the question or the chosen connection, or the newest into its domain; else all inquiries',
  }),
  bind('transcript', ['j'], ['question'], { hint: 'judge' }),
  bind('open_inquiry', ['enter', 'j'], ['judge'], { hint: 'transcript' }),
  bind('back', ['escape', 'enter', 'j'], ['transcript'], { hint: 'back' }),
  bind('replay', ['R'], INQUIRY, {
    does: 'in the judge view: run the inquiry again, from its stored results',
    hint: 'replay',
  }),
  bind('forget', ['x'], INQUIRY, {
    does: "in the judge view: take the judge's verdict of that domain back",
    hint: 'forget',
  }),
  bind('page_down', ['pagedown', 'ctrl+f', ' '], ['transcript'], { hint: 'scroll' }),
];
