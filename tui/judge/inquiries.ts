import type { FlowRecord } from '../../src/model/flow.ts';
import type { InquiryReport } from '../../src/schema/judge.ts';
import { isNotFound, messageOf, type ScreenClient } from '../client.ts';
import { clean } from '../draw/text.ts';
import { targetLabel } from '../feed/describe.ts';
import type { Snapshot } from '../snapshot.ts';
import type { ScreenStore } from '../store.ts';
import type { UiState } from '../ui-state.ts';
import type { JudgePages, Transcribed } from './pages.ts';

/** Inquiries that the judge view lists; older ones are for `judge list`. */
const INQUIRIES_MAX = 200;

/** Fetches what the judge did for the screen, and carries what the person does with it to the engine. */
export class Inquiries {
  readonly #client: ScreenClient;
  readonly #store: ScreenStore;
  /** How many inquiries there had been when the list, and the open transcript, were asked for. */
  #listedAt: number | null = null;
  #readAt: number | null = null;

  constructor(client: ScreenClient, store: ScreenStore) {
    this.#client = client;
    this.#store = store;
  }

  /**
   * Opens the transcript behind the chosen connection, or that of the question in front; else the newest inquiry into the domain of
   * the connection; else shows all inquiries.
   */
  async openBehind(picture: Snapshot): Promise<void> {
    const { queue, chosen, ui } = picture;
    const ofRow = inquiryBehind(picture, chosen);
    const ofQuestion = queue.front?.inquiry ?? null;
    // A row that merely is the newest was not chosen.
    const isChosen = ui.flow !== null || ui.breakdown;
    const id = isChosen ? ofRow : (ofQuestion ?? ofRow);
    if (id !== null) return this.open(id);
    await this.load();
    // Whoever went on meanwhile is not called back.
    if (!isSameView(ui, this.#store.getSnapshot().ui)) return;
    const found = newestInto(chosen?.target.host ?? null, this.#store.getSnapshot().judge) ?? ofQuestion;
    if (found !== null) return this.open(found);
    this.#store.act({ type: 'show', view: 'judge' });
    const { inquiries } = this.#store.getSnapshot().judge;
    if (chosen === null || inquiries === null || inquiries.length === 0) return;
    this.#store.say(
      `the judge was not asked about ${targetLabel(chosen)}: these are all its inquiries`,
      'dim',
    );
  }

  /** Shows all inquiries. */
  show(): void {
    void this.load();
    this.#store.act({ type: 'show', view: 'judge' });
  }

  open(id: number): void {
    this.#store.act({ type: 'open_transcript', inquiry: id });
    const known = this.#store.getSnapshot().judge.transcripts.get(id);
    if (known?.state !== 'ready' && known?.state !== 'loading') void this.#read(id);
  }

  /** Lists the inquiries anew. */
  async load(): Promise<void> {
    this.#listedAt = this.#done();
    try {
      const { inquiries, more } = await this.#client.request('judge.list', { limit: INQUIRIES_MAX });
      this.#store.setJudge({ inquiries, more, error: null });
    } catch (error) {
      this.#store.setJudge({ error: messageOf(error) });
    }
  }

  /** Asks again for what is shown and may have changed: the list, and a transcript that was not there yet. */
  look(): void {
    const { ui, judge, link } = this.#store.getSnapshot();
    const done = this.#done();
    if (link.state !== 'live' || done === null) return;
    if (ui.view === 'judge' && this.#listedAt !== done) void this.load();
    if (ui.transcript === null || this.#readAt === done) return;
    const { state } = judge.transcripts.get(ui.transcript) ?? {};
    if (state === 'failed' || state === 'missing') void this.#read(ui.transcript);
  }

  /** Runs an inquiry again from its stored results; one at a time. */
  async replay(id: number): Promise<void> {
    const { judge } = this.#store.getSnapshot();
    if (judge.replaying !== null)
      return this.#store.say(`inquiry ${judge.replaying} still runs again`, 'dim');
    const before = verdictBefore(this.#store.getSnapshot(), id);
    this.#store.setJudge({ replaying: id });
    try {
      const { inquiry } = await this.#client.request('judge.replay', { inquiry: id });
      this.#store.setTranscript(inquiry.id, { state: 'ready', inquiry });
      this.#store.say(replayText(id, before, inquiry), 'strong');
      const { ui } = this.#store.getSnapshot();
      if (ui.view === 'judge' || ui.transcript === id)
        this.#store.act({ type: 'open_transcript', inquiry: inquiry.id });
      if (ui.view === 'judge') await this.load();
    } catch (error) {
      this.#store.say(`inquiry ${id} was not run again: ${messageOf(error)}`, 'bad');
    } finally {
      this.#store.setJudge({ replaying: null });
    }
  }

  /** Takes the judge's kept verdict of a domain back. */
  async forget(domain: string): Promise<void> {
    const name = clean(domain);
    try {
      const { forgotten } = await this.#client.request('judge.forget', { domain });
      if (forgotten)
        this.#store.say(`${name}: verdict taken back, the next connection is judged anew`, 'strong');
      else this.#store.say(`${name}: no verdict of the judge is kept`, 'dim');
      this.#store.rulesChanged();
    } catch (error) {
      this.#store.say(`not done: forget ${name}: ${messageOf(error)}`, 'bad');
    }
  }

  async #read(id: number): Promise<void> {
    this.#readAt = this.#done();
    this.#store.setTranscript(id, { state: 'loading' });
    try {
      const { inquiry } = await this.#client.request('judge.show', { inquiry: id });
      this.#store.setTranscript(id, { state: 'ready', inquiry });
    } catch (error) {
      const state: Transcribed = isNotFound(error)
        ? { state: 'missing' }
        : { state: 'failed', error: messageOf(error) };
      this.#store.setTranscript(id, state);
    }
  }

  #done(): number | null {
    return this.#store.getSnapshot().status?.judge.done ?? null;
  }
}

/** The inquiry that a connection's verdict rests on, or that of the question it waits for. */
function inquiryBehind({ queue }: Snapshot, flow: FlowRecord | null): number | null {
  if (flow === null) return null;
  for (const item of flow.verdict.evidence) if (item.kind === 'judge') return item.inquiry;
  if (flow.effect !== 'held') return null;
  return queue.questions.find((question) => question.flows.includes(flow.id))?.inquiry ?? null;
}

function isSameView(before: UiState, now: UiState): boolean {
  return now.view === before.view && now.transcript === before.transcript && now.flow?.id === before.flow?.id;
}

/** The newest inquiry into the domain of a name, and of those that are listed; a real one before a replay. */
function newestInto(host: string | null, { inquiries }: JudgePages): number | null {
  if (host === null || inquiries === null) return null;
  const into = inquiries.filter(({ domain }) => host === domain || host.endsWith(`.${domain}`));
  return (into.find(({ replayOf }) => replayOf === null) ?? into[0])?.id ?? null;
}

function verdictBefore({ judge }: Snapshot, id: number): string | null {
  const read = judge.transcripts.get(id);
  if (read?.state === 'ready') return read.inquiry.outcome.kind;
  return judge.inquiries?.find((inquiry) => inquiry.id === id)?.kind ?? null;
}

function replayText(id: number, before: string | null, { id: made, outcome }: InquiryReport): string {
  const was = before === null ? '' : before === outcome.kind ? ', as before' : `, was ${before}`;
  return `inquiry ${id} run again: ${outcome.kind}${was} · now inquiry ${made}`;
}
