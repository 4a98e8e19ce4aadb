import type { JudgeAction } from '../keys/binding.ts';
import { chosenInquiry } from '../snapshot.ts';
import type { Pressed } from './pressed.ts';

/** What the keys of the judge's inquiries do. */
export const JUDGE_HANDLERS: Record<JudgeAction, (pressed: Pressed) => void> = {
  transcript: ({ controller, picture }) => void controller.inquiries.openBehind(picture),
  open_inquiry: (on) => {
    const id = chosenInquiry(on.picture)?.id;
    if (id !== undefined) on.controller.inquiries.open(id);
  },
  replay: (on) => {
    const id = inquiryUnder(on);
    if (id === null) on.controller.store.say('nothing to run again: there are no inquiries', 'dim');
    else void on.controller.inquiries.replay(id);
  },
  forget: (on) => forget(on),
};

/** The inquiry that the keys act on: the one being read, else the chosen row. */
function inquiryUnder({ picture, place }: Pressed): number | null {
  if (place === 'transcript') return picture.ui.transcript;
  return chosenInquiry(picture)?.id ?? null;
}

function forget(on: Pressed): void {
  const { controller, picture } = on;
  const id = inquiryUnder(on);
  const read = id === null ? undefined : picture.judge.transcripts.get(id);
  const listed = picture.judge.inquiries?.find((inquiry) => inquiry.id === id);
  const domain = listed?.domain ?? (read?.state === 'ready' ? read.inquiry.input.domain : null);
  if (domain === null) controller.store.say('nothing to take back: the domain is not known yet', 'dim');
  else void controller.inquiries.forget(domain);
}
