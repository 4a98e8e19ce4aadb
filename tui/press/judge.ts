import { chosenInquiry } from '../state/rows.ts';
import type { Handlers, Pressed } from './pressed.ts';

/** What the keys of the judge's inquiries do. */
export const JUDGE_HANDLERS = {
  transcript: ({ controller, snapshot }) => void controller.inquiries.openBehind(snapshot),
  open_inquiry: ({ controller, snapshot }) => {
    const id = chosenInquiry(snapshot)?.id;
    if (id !== undefined) controller.inquiries.open(id);
  },
  replay: (on) => {
    const id = inquiryUnder(on);
    if (id === undefined) on.controller.store.say('nothing to run again: there are no inquiries', 'dim');
    else void on.controller.inquiries.replay(id);
  },
  forget: (on) => {
    const domain = domainUnder(on);
    if (domain === undefined)
      on.controller.store.say('nothing to take back: the domain is not known yet', 'dim');
    else void on.controller.inquiries.forget(domain);
  },
} satisfies Handlers;

/** The inquiry that the keys act on: the one being read, else the chosen row. */
function inquiryUnder({ snapshot, place }: Pressed): number | undefined {
  return place === 'transcript' ? (snapshot.ui.transcript ?? undefined) : chosenInquiry(snapshot)?.id;
}

function domainUnder(on: Pressed): string | undefined {
  const id = inquiryUnder(on);
  const { inquiries, transcripts } = on.snapshot.judge;
  const listed = inquiries.value?.find((inquiry) => inquiry.id === id);
  return listed?.domain ?? (id === undefined ? undefined : transcripts.get(id)?.value?.input.domain);
}
