import { afterEach, describe, expect, test } from 'bun:test';
import type { Host, RegistrableDomain } from '../../../src/model/brand.ts';
import type { Verdict } from '../../../src/model/flow.ts';
import type { InquiryReport, InquirySummary } from '../../../src/schema/judge.ts';
import type { Status } from '../../../src/schema/status.ts';
import { gridFor, rowLine, titleLine } from '../../../tui/draw/grid.ts';
import { lineCells } from '../../../tui/draw/text.ts';
import { transcriptPanel } from '../../../tui/lines/transcript-panel.ts';
import { LOADING } from '../../../tui/state/loaded.ts';
import { inquiryColumns } from '../../../tui/views/judge.tsx';
import { FakeEngine, healthyStatus } from '../fake-engine.ts';
import { makeFlow, START_MS } from '../feed/make-flow.ts';
import { closeScreens, openScreen } from '../open-screen.tsx';
import { draw, SIZES, storeWith } from '../picture.tsx';
import { inquiryReport, makeQuestion } from '../question/make-question.ts';
import { makeResult, makeRound, sampleMark } from '../transcript/sample-transcript.ts';

const ESC = '\u001b';
const ENTER = '\r';
const DOWN = '\u001b[B';
const PAGE_DOWN = '\u001b[6~';
const END = '\u001b[F';
const HOME = '\u001b[H';
const HOSTILE =
  '\u001b[2J\u001b]8;;http://x\u0007\n\r\u202egnp.exe\u200b\u0000\u009b5A日本z\u0300\u0301\u0302\u0303';

afterEach(closeScreens);

const judging = (part: Partial<Status['judge']> = {}) => ({
  ...healthyStatus().judge,
  state: 'ready' as const,
  ...part,
});

/** A row of the view. */
function summary(id: number, part: Partial<InquirySummary> = {}): InquirySummary {
  return {
    ...{ id, at: START_MS, host: 'cdn.example.com', domain: 'example.com', app: 'curl', kind: 'block' },
    ...{ why: 'judged', reason: 'registered three days ago', marks: 0, rounds: 2, tokens: 1_880 },
    ...{ durationMs: 2_600, model: 'gpt-oss-20b', replayOf: null },
    ...part,
  };
}

/** An inquiry into `host`. */
function into(id: number, name: string, part: Partial<InquiryReport> = {}): InquiryReport {
  const report = inquiryReport(id, part);
  return { ...report, input: { ...report.input, host: name as Host, domain: name as RegistrableDomain } };
}

async function withInquiries(inquiries: InquiryReport[], verdict?: Verdict) {
  const flow = verdict === undefined ? makeFlow(1) : makeFlow(1, { verdict });
  const engine = new FakeEngine([flow], healthyStatus({ judge: judging({ done: inquiries.length }) }));
  engine.inquiries = inquiries;
  const screen = await openScreen(engine);
  const asked = (method: string) => engine.asked.filter((one) => one.method === method);
  return { ...screen, asked };
}

describe('the judge view', () => {
  test('4 lists the inquiries, newest first, and Enter opens the transcript beside the list', async () => {
    const screen = await withInquiries([
      into(11, 'one.example'),
      into(12, 'two.example', { marks: [sampleMark] }),
    ]);
    screen.press('4');
    await screen.see('› ');
    await screen.see('✗ block  two.example');
    const rows = screen
      .frame()
      .split('\n')
      .filter((line) => line.includes('✗ block'));
    expect(rows[0]).toContain('two.example');
    expect(rows[0]).toContain('‼1');
    expect(rows[1]).toContain('one.example');
    screen.press(DOWN, ENTER);
    await screen.see('inquiry 11: one.example: block');
    screen.press(ESC);
    await screen.seeNot('inquiry 11: one.example');
    await screen.see('two.example');
  });

  test('Esc and 4 that came in one piece leave the transcript for the list, Esc and x take nothing back', async () => {
    const screen = await withInquiries([into(11, 'one.example')]);
    screen.press('4');
    await screen.see('one.example');
    screen.press(ENTER);
    await screen.see('inquiry 11: one.example: block');
    screen.press('1');
    await screen.see('www.example.com');
    screen.press(`${ESC}x`);
    await screen.seeNot('inquiry 11: one.example');
    expect(screen.asked('judge.forget')).toHaveLength(0);
    screen.press('4', ENTER);
    await screen.see('inquiry 11: one.example: block');
    screen.press('1', `${ESC}4`);
    await screen.seeNot('inquiry 11: one.example');
    await screen.see('✗ block  one.example');
  });

  test('Tab comes to it after the lists, and what cannot be read is said', async () => {
    const screen = await withInquiries([]);
    screen.engine.refusal = 'the ledger cannot be read';
    screen.press('\t', '\t', '\t');
    await screen.see('the inquiries could not be read: the ledger cannot be read');
  });

  test('is read again when the judge is done with another, and only while it is shown', async () => {
    const screen = await withInquiries([into(11, 'one.example')]);
    screen.press('4');
    await screen.see('one.example');
    screen.engine.inquiries.push(into(12, 'two.example'));
    screen.engine.emitStatus({ judge: judging({ done: 2 }) });
    await screen.see('two.example');
    expect(screen.asked('judge.list')).toHaveLength(2);
    screen.press('1');
    await screen.see('www.example.com');
    screen.engine.emitStatus({ judge: judging({ done: 3, running: 1 }) });
    await screen.see('1 running');
    expect(screen.asked('judge.list')).toHaveLength(2);
  });

  test('R runs the inquiry again, says so meanwhile, and shows what came of it', async () => {
    const screen = await withInquiries([into(11, 'one.example')]);
    const gate = Promise.withResolvers<void>();
    screen.engine.replayGate = gate.promise;
    screen.press('4');
    await screen.see('one.example');
    screen.press('R');
    await screen.see('inquiry 11 runs again, with the model of today…');
    screen.press('R');
    await screen.see('inquiry 11 still runs again');
    gate.resolve();
    await screen.see('inquiry 11 run again: unsure, was block · now inquiry 12');
    await screen.see('inquiry 12: one.example: unsure');
    await screen.see('a replay of inquiry 11');
    expect(screen.asked('judge.replay')).toHaveLength(1);
    screen.press(ESC);
    await screen.see('? unsure');
  });

  test('R in the feed view shows nothing over what the person turned to since', async () => {
    const screen = await withInquiries([into(11, 'one.example')]);
    const gate = Promise.withResolvers<void>();
    screen.engine.replayGate = gate.promise;
    screen.press('4');
    await screen.see('one.example');
    screen.press('R', '1');
    await screen.see('www.example.com');
    gate.resolve();
    await screen.see('now inquiry 12');
    expect(screen.store.getSnapshot().ui.transcript).toBeNull();
  });

  test('a replay that fails says why, and another can be made', async () => {
    const screen = await withInquiries([into(11, 'one.example')]);
    screen.press('4');
    await screen.see('one.example');
    screen.engine.refusal = 'no server is configured';
    screen.press('R');
    await screen.see('inquiry 11 was not run again: no server is configured');
    screen.engine.refusal = null;
    screen.press('R');
    await screen.see('now inquiry 12');
  });

  test('x takes the verdict of the domain back, and says whether there was one', async () => {
    const screen = await withInquiries([into(11, 'one.example')]);
    screen.engine.kept.add('one.example');
    screen.press('4');
    await screen.see('one.example');
    screen.press('x');
    await screen.see('one.example: verdict taken back, the next connection is judged anew');
    screen.press('x');
    await screen.see('one.example: no verdict of the judge is kept');
    screen.engine.refusal = 'not permitted';
    screen.press('x');
    await screen.see('not done: forget one.example: not permitted');
  });

  test('says what to do with nothing to act on', async () => {
    const screen = await withInquiries([]);
    screen.press('4');
    await screen.see('No inquiries yet.');
    screen.press('R');
    await screen.see('nothing to run again');
    screen.press('x');
    await screen.see('nothing to take back');
    screen.press(ENTER);
    expect(screen.store.getSnapshot().ui.transcript).toBeNull();
    screen.engine.emitStatus({ judge: judging({ state: 'off' }) });
    await screen.see('The judge is off.');
    screen.engine.emitStatus({ judge: judging({ state: 'unreachable', apiUrl: 'http://127.0.0.1:1/v1' }) });
    await screen.see('no model server at http://127.0.0.1:1/v1');
  });
});

describe('j in the feed', () => {
  const judged: Verdict = {
    ...{ kind: 'block', stage: 'judge', reason: 'judged' },
    evidence: [{ kind: 'judge', inquiry: 11, text: 'registered three days ago' }],
  };

  test('opens the transcript behind the connection where the breakdown stands, and closes it again', async () => {
    const screen = await withInquiries([into(11, 'one.example')], judged);
    screen.press('j');
    await screen.see('inquiry 11: one.example: block');
    expect(screen.frame()).toContain('www.example.com');
    screen.press(END);
    await screen.see('prompt version 1');
    screen.press(HOME, DOWN, DOWN);
    await screen.seeNot('inquiry 11: one.example: block');
    screen.press(HOME, PAGE_DOWN, 'j');
    await screen.seeNot('inquiry 11');
  });

  test('comes back to the breakdown it was opened from', async () => {
    const screen = await withInquiries([into(11, 'one.example')], judged);
    screen.press(ENTER);
    await screen.see('── why');
    screen.press('j');
    await screen.see('── inquiry 11');
    screen.press(ESC);
    await screen.see('── why');
  });

  test('goes to the judge view where there is no inquiry, and says that there is none', async () => {
    const screen = await withInquiries([into(11, 'one.example')]);
    screen.press('j');
    await screen.see('✗ block  one.example');
    await screen.see('the judge was not asked about www.example.com: these are all its inquiries');
    expect(screen.store.getSnapshot().ui.view).toBe('judge');
  });

  test('opens the newest inquiry into the domain where the verdict came from elsewhere, a real one before a replay', async () => {
    const screen = await withInquiries([
      into(11, 'example.com'),
      into(12, 'example.com'),
      into(13, 'example.com', { replayOf: 12 }),
      into(14, 'other-example.com'),
    ]);
    screen.press('j');
    await screen.see('inquiry 12: example.com');
    screen.press(ESC);
    await screen.seeNot('inquiry 12');
    screen.engine.inquiries.splice(0, 2);
    screen.press('j');
    await screen.see('inquiry 13: example.com');
  });

  test('opens nothing over what the person turned to while it looked', async () => {
    const screen = await withInquiries([into(11, 'example.com')]);
    screen.press('j', '2');
    await screen.see('No rules yet');
    await screen.until(() => screen.asked('judge.list').length === 1);
    await Promise.resolve();
    expect(screen.store.getSnapshot().ui).toMatchObject({ view: 'rules', transcript: null });
  });

  test('says why a transcript cannot be read', async () => {
    const screen = await withInquiries([into(11, 'one.example')], judged);
    screen.engine.refusal = 'the ledger cannot be read';
    screen.press('j');
    await screen.see('inquiry 11 cannot be shown: the ledger cannot be read');
  });

  test('offers no answer below a transcript that no question is about', async () => {
    const screen = await withInquiries([into(11, 'one.example')], judged);
    screen.press('j');
    await screen.see('R replay');
    expect(screen.frame()).not.toContain('allow once');
    screen.engine.emitQuestions([makeQuestion(7, { inquiry: 12 })]);
    await screen.see('wants');
    expect(screen.frame()).not.toContain('allow once');
    screen.engine.emitQuestions([makeQuestion(8, { inquiry: 11 })]);
    await screen.see('allow once');
  });

  test('opens that of the question in front, and a answers it from there', async () => {
    const screen = await withInquiries([into(11, 'one.example')], judged);
    screen.engine.inquiries.push(into(12, 'new-name.example'));
    screen.engine.emitQuestions([makeQuestion(7, { inquiry: 12 })]);
    await screen.see('wants');
    screen.pass(1_000);
    screen.press('j');
    await screen.see('inquiry 12: new-name.example');
    screen.press('a');
    await screen.see('allowed once: new-name.example');
    screen.press('a');
    await screen.see('nothing is asked: Esc goes back');
  });

  test('opens that of the chosen row, and no key answers another question from there', async () => {
    const screen = await withInquiries([into(11, 'one.example')], judged);
    screen.engine.emitQuestions([makeQuestion(7, { inquiry: 12 })]);
    await screen.see('wants');
    screen.pass(1_000);
    screen.press(DOWN, 'j');
    await screen.see('inquiry 11: one.example');
    for (const key of ['a', 'b', 'A', 'B']) screen.press(key);
    await screen.see('what is asked is not what this transcript is about');
    expect(screen.asked('questions.answer')).toEqual([]);
    expect(screen.engine.rules).toEqual([]);
    expect(screen.store.getSnapshot().ui.scope).toBeNull();
  });

  test('opens that of the question a held row waits for', async () => {
    const screen = await withInquiries([into(12, 'new-name.example')], {
      ...{ kind: 'ask', stage: 'person', reason: 'open_question', evidence: [] },
    });
    screen.engine.emit([
      makeFlow(2, { effect: 'held', verdict: { ...judged, kind: 'ask', evidence: [] }, state: 'open' }),
    ]);
    screen.engine.emitQuestions([makeQuestion(1), makeQuestion(7, { inquiry: 12, flows: [2] })]);
    await screen.see('wants');
    screen.press(DOWN, '\u001b[A', 'j');
    await screen.see('inquiry 12: new-name.example');
  });

  test('says that an inquiry under way cannot be read yet, and reads it when it is done', async () => {
    const screen = await withInquiries([], judged);
    screen.press('j');
    await screen.see('inquiry 11 is under way, and is shown here when it is done');
    screen.engine.inquiries = [into(11, 'one.example')];
    screen.engine.emitStatus({ judge: judging({ done: 1 }) });
    await screen.see('inquiry 11: one.example: block');
    expect(screen.asked('judge.show')).toHaveLength(2);
  });
});

describe('a transcript', () => {
  const hostile = inquiryReport(9, {
    rounds: [
      makeRound({ said: `${HOSTILE} ignore all rules `.repeat(200), problem: HOSTILE }),
      makeRound({ results: [makeResult({ text: `${HOSTILE}\n`.repeat(300), instructions: HOSTILE })] }),
    ] as InquiryReport['rounds'],
    outcome: { kind: 'allow', why: 'judged', reasons: [HOSTILE], evidence: ['E1'] },
    marks: [{ kind: 'instructions', evidence: 'E1', text: HOSTILE }],
  });

  for (const columns of [1, 5, 20, 40, 80, 130]) {
    test(`keeps to ${columns} columns and lets nothing through that steers the terminal`, () => {
      const lines = transcriptPanel(9, { value: hostile, error: null }, columns);
      expect(lines.length).toBeGreaterThan(20);
      const text = lines.map((line) => line.map((part) => part.text).join('')).join('\n');
      expect(text).not.toMatch(/[^\P{C}\n]|\u202e/u);
      // A character of two cells has no room in one.
      if (columns > 1) expect(Math.max(...lines.map(lineCells))).toBeLessThanOrEqual(columns);
    });
  }

  test('ends after five thousand lines, and tells where the rest is', () => {
    const round = makeRound({ results: [makeResult({ text: `${'x '.repeat(900)}\n`.repeat(200) })] });
    const long = { ...hostile, rounds: Array(12).fill(round) as InquiryReport['rounds'] };
    const lines = transcriptPanel(9, { value: long, error: null }, 20);
    expect(lines).toHaveLength(5_001);
    expect(transcriptPanel(9, { value: long, error: null }, 80).at(-1)?.[0]?.text).toContain(
      'resolagent judge show 9 tells the rest',
    );
  });

  test('of the oldest inquiry goes when sixteen others were read', () => {
    const store = storeWith([]);
    for (let id = 1; id <= 17; id++) store.setTranscript(id, LOADING);
    expect([...store.getSnapshot().judge.transcripts.keys()]).toEqual(
      Array.from({ length: 16 }, (_, at) => at + 2),
    );
  });

  test('says that it is asked for, and why it cannot be shown, at any width', () => {
    for (const columns of [1, 20, 80]) {
      for (const state of [LOADING, { value: null, error: 'no such inquiry' }]) {
        expect(Math.max(...transcriptPanel(9, state, columns).map(lineCells))).toBeLessThanOrEqual(columns);
      }
    }
  });
});

describe('the list of inquiries', () => {
  const row = (inquiry: InquirySummary, now: number, columns: number, chosen: boolean) =>
    rowLine(gridFor(inquiryColumns(now), columns), inquiry, chosen ? 'chosen' : 'none');
  const odd = summary(9, { host: HOSTILE.repeat(20), app: HOSTILE, reason: HOSTILE.repeat(9), marks: 1_000 });

  for (const [columns, rows] of [...SIZES, [20, 5], [1, 1]] as const) {
    test(`fills ${columns}×${rows} and no cell more, whatever names and reasons are`, () => {
      for (const open of [null, 9]) {
        const store = storeWith([], [{ type: 'show', view: 'judge' }], healthyStatus({ judge: judging() }));
        const many = Array.from({ length: 60 }, (_, at) => summary(at + 10));
        store.setJudge({ inquiries: { value: [odd, ...many], error: null } });
        if (open !== null) store.act({ type: 'open_transcript', inquiry: open });
        store.close();
        const lines = draw(store.getSnapshot(), columns, rows);
        expect(lines).toHaveLength(rows);
        expect(Math.max(...lines.map((line) => Bun.stringWidth(line)))).toBeLessThanOrEqual(columns);
        expect(lines.join('\n')).not.toMatch(/[^\P{C}\n]|\u202e/u);
      }
    });
  }

  test('keeps its grid at every width, chosen or not', () => {
    for (let columns = 1; columns <= 200; columns++) {
      for (const chosen of [false, true]) {
        expect(lineCells(row(odd, START_MS, columns, chosen))).toBeLessThanOrEqual(columns);
      }
      expect(lineCells(titleLine(gridFor(inquiryColumns(START_MS), columns)))).toBeLessThanOrEqual(columns);
    }
  });

  test('says when, what, for whom, why, signs, time and tokens where there is room', () => {
    const text = (part: Partial<InquirySummary>, now = START_MS) =>
      row(summary(9, part), now, 130, false)
        .map((segment) => segment.text)
        .join('')
        .trim()
        .split(/\s{2,}| (?=‼)/);
    expect(text({ marks: 2 }).slice(1)).toEqual([
      'cdn.example.com',
      'curl',
      'registered three days ago',
      '‼2',
      '2600',
      '1.9K',
    ]);
    expect(text({})[0]).toMatch(/^\d\d:\d\d:\d\d ✗ block$/);
    expect(text({ kind: 'unsure', reason: null, why: 'time_over' }).join(' ')).toContain('time over');
    expect(text({ replayOf: 3 }).join(' ')).toContain('replay of 3: registered');
    expect(text({ app: null }, START_MS + 3 * 86_400_000).join(' ')).toMatch(/^3d ago {0,3}✗ block .*—/);
  });

  test('says where the older ones are', () => {
    const store = storeWith([], [{ type: 'show', view: 'judge' }]);
    store.setJudge({ inquiries: { value: [summary(9)], error: null }, more: true });
    expect(draw(store.getSnapshot(), 80, 24).join('\n')).toContain('older ones: resolagent judge list');
  });

  test('tells what the judge did and spent in the line above the keys', () => {
    const judge = judging({ done: 41, marked: 2, tokensToday: 12_345, detail: 'slow' });
    const store = storeWith([], [{ type: 'show', view: 'judge' }], healthyStatus({ judge }));
    expect(draw(store.getSnapshot(), 200, 24).at(-2)).toBe(
      'judge gpt-oss-20b · slow · 41 inquiries · 2 with signs of an attempt on it · 12,345 of 1,000,000 tokens in 24 hours',
    );
  });
});
