import type { FlowRecord } from '../../src/model/flow.ts';
import type { Inquiry } from '../../src/model/inquiry.ts';
import { clean } from '../draw/text.ts';
import { LOADING } from '../state/loaded.ts';
import type { JudgePages, Snapshot } from '../state/snapshot.ts';
import type { ScreenStore } from '../state/store.ts';
import type { UiState } from '../state/ui-state.ts';
import { targetLabel } from '../words/flow.ts';
import type { Changes } from './changes.ts';
import { load, messageOf, type ScreenClient } from './client.ts';

/** Inquiries that the judge view lists; older ones are for `judge list`. */
const INQUIRIES_MAX = 200;

/** Reads the judge's inquiries for the screen, runs them again, and takes verdicts back. */
export class InquiryController {
  /** How many inquiries there had been when the list, and the open transcript, were asked for. */
  #listedAt: number | null = null;
  #readAt: number | null = null;

  constructor(
    private readonly client: ScreenClient,
    private readonly store: ScreenStore,
    private readonly changes: Changes,
  ) {}

  /**
   * Opens the transcript behind the chosen connection, or that of the question in front; else the newest inquiry into the domain of
   * the connection; else shows all inquiries.
   */
  async openBehind(snapshot: Snapshot): Promise<void> {
    const { queue, chosen, ui } = snapshot;
    const ofRow = inquiryBehind(snapshot, chosen);
    const ofQuestion = queue.front?.inquiry ?? null;
    // A row that merely is the newest was not chosen.
    const isChosen = ui.choices.flows !== undefined || ui.breakdown;
    const id = isChosen ? ofRow : (ofQuestion ?? ofRow);
    if (id !== null) return this.open(id);
    await this.load();
    // Whoever went on meanwhile is not called back.
    if (!isSameView(ui, this.store.getSnapshot().ui)) return;
    const found = newestInto(chosen?.target.host ?? null, this.store.getSnapshot().judge) ?? ofQuestion;
    if (found !== null) return this.open(found);
    this.store.act({ type: 'show', view: 'judge' });
    const inquiries = this.store.getSnapshot().judge.inquiries.value ?? [];
    if (chosen === null || inquiries.length === 0) return;
    this.store.say(
      `the judge was not asked about ${targetLabel(chosen)}: these are all its inquiries`,
      'dim',
    );
  }

  open(id: number): void {
    this.store.act({ type: 'open_transcript', inquiry: id });
    const known = this.store.getSnapshot().judge.transcripts.get(id);
    if (known === undefined || known.error !== null) void this.#read(id);
  }

  /** Lists the inquiries anew. */
  async load(): Promise<void> {
    this.#listedAt = this.#done();
    const { judge } = this.store.getSnapshot();
    const answer = await load(() => this.client.request('judge.list', { limit: INQUIRIES_MAX }));
    const { inquiries: value, more } = answer.value ?? { inquiries: judge.inquiries.value, more: judge.more };
    this.store.setJudge({ inquiries: { value, error: answer.error }, more });
  }

  /** Asks again for what is shown and may have changed: the list, and a transcript that was not there yet. */
  refresh(): void {
    const { ui, judge, link } = this.store.getSnapshot();
    const done = this.#done();
    if (link.state !== 'live' || done === null) return;
    if (ui.view === 'judge' && this.#listedAt !== done) void this.load();
    if (ui.transcript === null || this.#readAt === done) return;
    const error = judge.transcripts.get(ui.transcript)?.error ?? null;
    if (error !== null) void this.#read(ui.transcript);
  }

  /** Runs an inquiry again from its stored results; one at a time. */
  async replay(id: number): Promise<void> {
    const { judge } = this.store.getSnapshot();
    if (judge.replaying !== null) return this.store.say(`inquiry ${judge.replaying} still runs again`, 'dim');
    const before = verdictOf(judge, id);
    this.store.setJudge({ replaying: id });
    try {
      const { inquiry } = await this.client.request('judge.replay', { inquiry: id });
      this.store.setTranscript(inquiry.id, { value: inquiry, error: null });
      this.store.say(replayText(id, before, inquiry), 'strong');
      const { ui } = this.store.getSnapshot();
      if (ui.view === 'judge' || ui.transcript === id)
        this.store.act({ type: 'open_transcript', inquiry: inquiry.id });
      if (ui.view === 'judge') await this.load();
    } catch (error) {
      this.store.say(`inquiry ${id} was not run again: ${messageOf(error)}`, 'bad');
    } finally {
      this.store.setJudge({ replaying: null });
    }
  }

  /** Takes the judge's kept verdict of a domain back. */
  async forget(domain: string): Promise<void> {
    const name = clean(domain);
    await this.changes.make(`forget ${name}`, async () => {
      const { forgotten } = await this.client.request('judge.forget', { domain });
      return forgotten
        ? { parts: [`${name}: verdict taken back, the next connection is judged anew`] }
        : { parts: [`${name}: no verdict of the judge is kept`], tone: 'dim' };
    });
  }

  async #read(id: number): Promise<void> {
    this.#readAt = this.#done();
    this.store.setTranscript(id, LOADING);
    const inquiry = async () => (await this.client.request('judge.show', { inquiry: id })).inquiry;
    this.store.setTranscript(id, await load(inquiry, null, (error) => missingText(id, error)));
  }

  #done(): number | null {
    return this.store.getSnapshot().status?.judge.done ?? null;
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
  return (
    now.view === before.view &&
    now.transcript === before.transcript &&
    now.choices.flows?.id === before.choices.flows?.id
  );
}

/** The newest inquiry into the domain of a name, and of those that are listed; a real one before a replay. */
function newestInto(host: string | null, { inquiries }: JudgePages): number | null {
  if (host === null) return null;
  const into = (inquiries.value ?? []).filter(({ domain }) => `.${host}`.endsWith(`.${domain}`));
  return (into.find(({ replayOf }) => replayOf === null) ?? into[0])?.id ?? null;
}

function verdictOf({ transcripts, inquiries }: JudgePages, id: number): string | null {
  const listed = inquiries.value?.find((inquiry) => inquiry.id === id);
  return transcripts.get(id)?.value?.outcome.kind ?? listed?.kind ?? null;
}

function replayText(id: number, before: string | null, { id: made, outcome }: Inquiry): string {
  const was = before === null ? '' : before === outcome.kind ? ', as before' : `, was ${before}`;
  return `inquiry ${id} run again: ${outcome.kind}${was} · now inquiry ${made}`;
}

/** Why a transcript is not shown. */
function missingText(id: number, error: unknown): string {
  const isMissing = error instanceof Error && 'trouble' in error && error.trouble === 'not_found';
  return isMissing
    ? `inquiry ${id} is under way, and is shown here when it is done; or it is so old that it is not kept any more`
    : `inquiry ${id} cannot be shown: ${messageOf(error)}`;
}
