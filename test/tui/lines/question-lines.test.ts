import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Prompt } from '../../../src/schema/prompt.ts';
import { lineCells } from '../../../tui/draw/text.ts';
import { questionLines } from '../../../tui/lines/question-lines.ts';
import { openScope } from '../../../tui/state/scope-edit.ts';
import type { UiAction } from '../../../tui/state/ui-state.ts';
import { makeFlow, START_MS } from '../feed/make-flow.ts';
import { COLOR, draw, PLAIN, paintedLines, SIZES, storeWith } from '../picture.tsx';
import { asking, makeQuestion } from '../question/make-question.ts';
import { trafficFlow } from '../traffic.ts';

const NOW = START_MS + 60_000;
const TIMES = { since: NOW - 4_000, deadline: NOW + 11_000 };
const traffic = Array.from({ length: 60 }, (_, index) => trafficFlow(index + 1, START_MS));
const question = (part: Partial<Prompt> = {}) => makeQuestion(1, { ...TIMES, ...part });
const HOSTILE =
  '\u001b[2J\u001b]52;c;x\u0007\r\n\u202egnp.elpmaxe\u200b\u0000\u009b5A日本語z\u0300\u0301\u0302\u0303\u0304';

/** A picture in which `questions` are asked. */
function picture(questions: readonly Prompt[], actions: readonly UiAction[] = []) {
  const store = storeWith(traffic);
  store.setQuestions(questions);
  store.act({ type: 'toast', toast: null });
  for (const action of actions) store.act(action);
  store.close();
  return store.getSnapshot();
}

const head = (columns: number, rows: number, questions: readonly Prompt[]) =>
  draw(picture(questions), columns, rows).find((line) => line.startsWith('? ') && !line.includes('HELD')) ??
  '';
const scope = (one: Prompt): UiAction => ({ type: 'scope', edit: openScope(one, 'allow') });

describe('at every size', () => {
  const hostile = question({
    host: `${'a.'.repeat(5_000)}${HOSTILE}.evil.example`,
    domain: `${HOSTILE}evil.example`,
    apps: [asking({ name: HOSTILE, path: HOSTILE, user: HOSTILE, parent: HOSTILE }), asking()],
    reason: HOSTILE.repeat(100),
    findings: Array.from({ length: 8 }, () => HOSTILE.repeat(20)),
    inquiry: 4,
    waiting: 1_000,
  });
  const states: Readonly<Record<string, readonly UiAction[]>> = {
    'the question': [],
    'the lasting answer': [scope(hostile)],
    'a question over the help': [{ type: 'toggle_help' }],
    'a question over the lists': [{ type: 'show', view: 'lists' }],
    'a question under the breakdown': [{ type: 'open_breakdown' }],
    'a question while leaving': [{ type: 'ask_quit' }],
    'a question while filtering': [{ type: 'edit_filter' }],
  };
  for (const [columns, rows] of [...SIZES, [20, 5], [200, 60], [1, 1], [2, 3], [300, 4]] as const) {
    for (const [what, actions] of Object.entries(states)) {
      test(`${what} fills ${columns}×${rows} and no cell more, whatever the texts are`, () => {
        for (const one of [hostile, question()]) {
          const lines = draw(picture([one, question({ id: 2 })], actions), columns, rows);
          expect(lines).toHaveLength(rows);
          expect(Math.max(...lines.map((line) => Bun.stringWidth(line)))).toBeLessThanOrEqual(columns);
          expect(lines.join('\n')).not.toMatch(/[^\P{C}\n]|\u202e/u);
        }
      });
    }
  }

  test('no name, program or finding gets a code through to the terminal', () => {
    for (const actions of Object.values(states)) {
      const painted = paintedLines(picture([hostile], actions), 130, 24, COLOR).join('\n');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes are what this looks for
      expect(painted.replace(/\u001b\[[\d;]*m/g, '')).not.toMatch(/\u001b|\u009b|\u0007/);
    }
  });

  test('no width is passed, whatever a program and a name are called', () => {
    const shown = picture([question()]);
    const texts = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ maxLength: 60 }));
    fc.assert(
      fc.property(texts, texts, fc.integer({ min: 1, max: 200 }), (name, host, columns) => {
        // Libraries and terminals do not agree on the width of combining scripts; there the edge clips.
        fc.pre(!/[\p{M}\p{Script=Hangul}\p{Lo}]/u.test(name + host));
        const { queue, ui } = shown;
        const front = question({ host, apps: [asking({ name })] });
        for (const scope of [null, openScope(front, 'block')]) {
          const now = { ...shown, queue: { ...queue, front }, ui: { ...ui, scope } };
          const lines = questionLines(now, 'question', columns, 3);
          expect(Math.max(...lines.map(lineCells))).toBeLessThanOrEqual(columns);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('what is asked', () => {
  const busy = [question({ waiting: 3 }), question({ id: 2 }), question({ id: 3 })];

  test('says who, what, how often, since when, until when and how much more, where there is room', () => {
    expect(head(130, 44, busy)).toBe(
      '? curl ‹ bash (alice) wants new-name.example:443 · 3 connections · 4 s ago · 11 s left · 2 more',
    );
  });

  test('says less and less about program and past as the terminal narrows, never less of name and time', () => {
    expect(head(80, 24, busy)).toBe(
      '? curl ‹ bash (alice) wants new-name.example:443 ×3 · 11 s left · 2 more',
    );
    expect(head(66, 24, busy)).toBe('? curl (alice) wants new-name.example:443 ×3 · 11 s left · 2 more');
    expect(head(60, 24, busy)).toBe('? curl wants new-name.example:443 ×3 · 11 s left · 2 more');
    expect(head(40, 10, busy)).toBe('? curl wants new-name.example:443 11s +2');
    expect(head(20, 5, busy)).toBe('? …me.example 11s +2');
  });

  test('keeps the end of a long name, which says whose it is, and the program', () => {
    const long = question({ host: `paypal.com.${'a'.repeat(200)}.evil.example` });
    const line = head(80, 24, [long]);
    expect(line).toStartWith('? curl ');
    expect(line).toMatch(/wants …a+\.evil\.example:443 · 11 s left$/);
  });

  test('counts down, loudly in the end, and says when time is over', () => {
    const at = (msLeft: number) => {
      const now = picture([question({ deadline: NOW + msLeft })]);
      return paintedLines(now, 80, 24, PLAIN).find((line) => line.includes('wants')) ?? '';
    };
    expect(Bun.stripANSI(at(10_001))).toContain('11 s left');
    expect(at(4_500)).toContain('\u001b[1m · 5 s left');
    expect(Bun.stripANSI(at(0))).toContain('time is over');
    expect(Bun.stripANSI(at(-5_000))).toContain('time is over');
    expect(Bun.stripANSI(at(600_000))).toContain('10 min left');
  });

  test('names further programs, ports and addresses without a name', () => {
    expect(head(130, 44, [question({ apps: [asking(), asking({ path: '/b' })] })])).toContain(
      'curl ‹ bash (alice) and 1 more wants',
    );
    expect(head(130, 44, [question({ ports: [80, 443, 8443] })])).toContain('example:80,443+1 ');
    const bare = { host: null, domain: null, ip: '2001:db8::1', ports: [22] };
    expect(head(130, 44, [question(bare)])).toContain('wants [2001:db8::1]:22 ');
    const nobody = { name: null, path: null, user: null, parent: null };
    expect(head(130, 44, [question({ apps: [nobody] })])).toContain('? an unknown program wants');
    expect(head(130, 44, [question({ apps: [] })])).toContain('? an unknown program wants');
  });
});

describe('the lines below', () => {
  test('say why nobody decided it, and what the judge found so far', () => {
    const findings = ['registered 3 days ago', 'no MX', 'registered 3 days ago'];
    const found = question({ findings, inquiry: 4 });
    const lines = draw(picture([found]), 80, 24);
    const at = lines.findIndex((line) => line.includes('wants'));
    expect(lines.slice(at + 1, at + 3)).toEqual([
      '  trust 51 of 100 is below 65',
      '  judge: registered 3 days ago · no MX',
    ]);
    const none = draw(picture([question({ inquiry: 4 })]), 80, 24).join('\n');
    expect(none).toContain('judge: nothing found so far');
    expect(draw(picture([question()]), 80, 24).join('\n')).not.toContain('judge:');
  });

  test('are one on forty by ten, the more telling, and none on twenty by five', () => {
    const found = question({ findings: ['registered 3 days ago'], inquiry: 4 });
    const small = draw(picture([found]), 40, 10).join('\n');
    expect(small).toContain('judge: registered 3 days ago');
    expect(small).not.toContain('trust 51');
    expect(draw(picture([question()]), 40, 10).join('\n')).toContain('trust 51 of 100');
    expect(draw(picture([found]), 20, 5).filter((line) => line.includes('ALLOW'))).toHaveLength(2);
  });

  test('give way outside the feed, where the strip only calls and tells how to get there', () => {
    for (const view of ['rules', 'lists', 'judge'] as const) {
      const text = draw(picture([question()], [{ type: 'show', view }]), 130, 24).join('\n');
      expect(text).toContain('wants new-name.example:443 · 4 s ago · 11 s left · 1, then a b');
      expect(text).not.toContain('trust 51');
    }
  });

  test('tell how to get to the answer on eighty columns too, before whose the program is', () => {
    const shown = (more: Partial<Prompt>) =>
      draw(picture([question(more), question({ id: 2 })], [{ type: 'open_breakdown' }]), 80, 24);
    expect(shown({ host: 'www.a-longer-name.example' }).find((line) => line.startsWith('? curl'))).toBe(
      '? curl wants www.a-longer-name.example:443 · 11 s left · 1 more · Esc, then a b',
    );
  });

  test('leave the feed its rows on forty by ten, where a breakdown is open too', () => {
    const rows = draw(picture([question()]), 40, 10).filter((line) => /ALLOW|BLOCK|HELD|DEFAULT/.test(line));
    expect(rows.length).toBeGreaterThanOrEqual(5);
    const open = draw(picture([question()], [{ type: 'open_breakdown' }]), 40, 10).join('\n');
    expect(open).toContain('wants new-name.example');
    expect(open).toContain('── why');
  });
});

describe('the keys at the bottom', () => {
  test('are those of the question, and next only where there is a next', () => {
    const last = (questions: readonly Prompt[]) => draw(picture(questions), 100, 24).at(-1);
    expect(last([question()])).toStartWith('a allow once  b block once  A B rule  j judge  Enter why');
    expect(last([question(), question({ id: 2 })])).toContain('n N next');
  });

  test('are those of the lasting answer while it is put together', () => {
    const lines = draw(picture([question()], [scope(question())]), 80, 24);
    expect(lines.at(-1)).toBe('Enter put in force  ←→ field  ↑↓ change  Esc leave');
  });
});

describe('the sentence that will be in force', () => {
  const sentence = (
    columns: number,
    rows: number,
    one: Prompt,
    edit: Partial<ReturnType<typeof openScope>>,
  ) =>
    draw(
      picture([one], [{ type: 'scope', edit: { ...openScope(one, 'block'), ...edit } }]),
      columns,
      rows,
    ).find((line) => line.startsWith('block'));

  test('stands there on every terminal, shortened from the start of the name', () => {
    const one = question({ host: 'www.new-name.example' });
    expect(sentence(130, 44, one, {})).toBe('block curl from reaching www.new-name.example for ever');
    expect(sentence(40, 10, one, { target: 'domain' })).toBe('block curl › new-name.example+below ever');
    expect(sentence(40, 10, one, {})).toBe('block curl › www.new-name.example ever');
    expect(sentence(20, 5, one, { field: 'duration', duration: 'week' })).toBe('block: for 1 week');
  });

  test('has the field being chosen in reverse, with or without colours', () => {
    for (const theme of [PLAIN, COLOR]) {
      const one = picture([question()], [scope(question())]);
      const line = paintedLines(one, 80, 24, theme).find((each) => each.includes('to reach')) ?? '';
      expect(line).toContain('\u001b[7mcurl\u001b[27m');
    }
  });
});

test('a row that is held shows no countdown where nothing is asked about it', () => {
  const flow = makeFlow(99, { effect: 'held' });
  expect(draw(storeWith([flow]).getSnapshot(), 130, 24).join('\n')).not.toContain('left');
});
