import { describe, expect, test } from 'bun:test';
import type { Status } from '../../../src/schema/status.ts';
import { cells, type Line, lineCells } from '../../../tui/draw/text.ts';
import { alertLines, alertsOf, statusLines } from '../../../tui/lines/status-lines.ts';
import { healthyStatus } from '../fake-engine.ts';
import { storeWith } from '../picture.tsx';

const picture = (part: Partial<Status> = {}) => storeWith([], [], healthyStatus(part)).getSnapshot();
const textOf = (lines: readonly Line[]) =>
  lines.map((line) => line.map((part) => part.text).join('')).join('\n');
const alerts = (part: Partial<Status>) => alertsOf(picture(part)).map((alert) => alert.text);
const counts = healthyStatus().counts;

describe('the status bar', () => {
  test('says mode, fail mode, enforcement, counts and decision time', () => {
    const [first = [], second = []] = statusLines(picture(), 120, 2);
    expect(textOf([first])).toMatch(
      /^✓ ENFORCED {2}enforce {2}fail open {2}undecided: allow .* 1 connections {2}2 rules {2}3 lists {2}4 judge$/,
    );
    expect(textOf([second])).toBe(
      '31 blocked  7 by default  12 open  1,204 seen  decision p50 0.04 p99 2.1 ms  lists 12h old  program known 98%  0 rules',
    );
  });

  test('never passes the edge, and says first what matters most', () => {
    for (let columns = 1; columns <= 200; columns++) {
      for (const rows of [1, 2]) {
        const lines = statusLines(picture(), columns, rows);
        expect(Math.max(...lines.map(lineCells))).toBeLessThanOrEqual(columns);
        expect(textOf(lines)).toStartWith('✓ ENFORCED'.slice(0, columns - 1));
      }
    }
  });

  test('cuts the bad news rather than show good news in its place', () => {
    const enforcement = { state: 'not_enforced', probedAt: null, detail: null } as const;
    expect(textOf(statusLines(picture({ enforcement }), 8, 1))).toBe(' NOT EN…');
  });

  test('names each state of the probe', () => {
    const word = (state: Status['enforcement']['state']) =>
      textOf(statusLines(picture({ enforcement: { state, probedAt: null, detail: null } }), 80, 1));
    expect(word('enforced')).toContain('✓ ENFORCED');
    expect(word('not_enforced')).toContain('NOT ENFORCED');
    expect(word('no_route')).toContain('OFFLINE');
    expect(word('unknown')).toContain('NOT PROBED YET');
  });

  test('puts held connections before all other counts', () => {
    const text = textOf(statusLines(picture({ counts: { ...counts, held: 3 } }), 60, 1));
    expect(text).toContain('enforce  3 HELD');
  });

  test('shouts the modes that do not enforce', () => {
    expect(textOf(statusLines(picture({ mode: 'permissive' }), 80, 2))).toContain('PERMISSIVE');
    expect(textOf(statusLines(picture({ mode: 'lockdown' }), 80, 2))).toContain('LOCKDOWN');
  });
});

describe('the alerts', () => {
  test('are none when all is well', () => {
    expect(alerts({})).toEqual([]);
  });

  test('tell of a lost watchdog, only where the fail mode needs one', () => {
    expect(alerts({ guardRunning: false })[0]).toStartWith('watchdog lost');
    expect(alerts({ guardRunning: false, failMode: 'closed' })).toEqual([]);
  });

  test('tell of a ledger that cannot write, with what was lost', () => {
    const ledger = { state: 'failing', error: 'disk is full', queued: 1, lost: 1_200, path: '/x' } as const;
    expect(alerts({ ledger })).toEqual([
      'history is not written: disk is full · 1,200 records lost · connections go on',
    ]);
  });

  test('tell of a thread that moves no bytes any more', () => {
    expect(alerts({ offload: { state: 'silent', carried: 3 } })[0]).toContain('does not answer');
    expect(alerts({ offload: { state: 'ended', carried: 0 } })[0]).toContain('until a restart');
    expect(alerts({ offload: { state: 'none', carried: 0 } })).toEqual([]);
  });

  test('tell of a config and a list that were not taken, cleaned', () => {
    const list = healthyStatus().lists[0];
    const found = alerts({
      config: { path: '/x', error: 'policy.mode: bad\u001b[2J' },
      lists: list === undefined ? [] : [{ ...list, name: 'own', error: 'no such file' }],
    });
    expect(found).toEqual([
      'config refused, the last good one stays: policy.mode: bad·[2J',
      'list own: no such file',
    ]);
  });

  test('tell of updates that this screen was too slow for', () => {
    const store = storeWith([]);
    store.addFlows([], 12);
    expect(alertsOf(store.getSnapshot())[0]?.text).toContain('too slow for 12 updates');
  });

  test('tell what became of the network when the engine went: by goodbye, by death, closed', () => {
    const after = (stopping: boolean, failMode: 'open' | 'closed') => {
      const store = storeWith([], [], healthyStatus({ failMode }));
      if (stopping) store.setLink('stopping');
      store.setLink('gone');
      return alertsOf(store.getSnapshot())[0]?.text;
    };
    expect(after(true, 'closed')).toContain('traffic passes unfiltered');
    expect(after(false, 'open')).toContain('traffic passes unfiltered');
    expect(after(false, 'closed')).toContain('the network is shut until resolagent reset');
  });

  test('stand gravest first, and say how many found no room', () => {
    const all = alertsOf(
      picture({
        guardRunning: false,
        enforcement: { state: 'not_enforced', probedAt: null, detail: 'x'.repeat(300) },
        config: { path: null, error: 'bad' },
      }),
    );
    const lines = alertLines(all, 60, 1);
    expect(lines).toHaveLength(1);
    expect(textOf(lines)).toMatch(/^NOT ENFORCED .*… \(\+2 more\)$/);
    expect(cells(textOf(lines))).toBe(60);
  });
});

describe('the judge in the status bar', () => {
  const judge = (part: Partial<Status['judge']>) => ({ judge: { ...healthyStatus().judge, ...part } });
  const bar = (part: Partial<Status['judge']>, columns = 160) =>
    textOf(statusLines(picture(judge(part)), columns, 2));

  test('says what it does, in few words, and nothing where it is off', () => {
    expect(bar({})).not.toContain('judge gpt');
    expect(bar({ state: 'ready' })).toContain('judge gpt-oss-20b  ');
    expect(bar({ state: 'unknown' })).toContain('judge gpt-oss-20b  ');
    expect(bar({ state: 'ready', running: 2, waiting: 1 })).toContain(
      'judge gpt-oss-20b · 2 running · 1 waiting',
    );
    expect(bar({ state: 'unreachable', detail: 'ECONNREFUSED', done: 3 })).toContain('judge gone, retried');
    expect(bar({ state: 'unreachable', done: 0 })).toContain('no judge  ');
    expect(bar({ state: 'refused' })).toContain('judge cannot be asked');
    expect(bar({ state: 'out_of_tokens' })).toContain('judge out of tokens');
  });

  test('has its place before figures while it works or is in trouble, and the name of a model is cut', () => {
    expect(bar({ state: 'ready', running: 1 }, 80)).toContain('judge gpt-oss-20b · 1 running');
    expect(bar({ state: 'unreachable', done: 1 }, 80)).toContain('judge gone');
    expect(bar({ state: 'ready', model: `evil\u001b[2J${'x'.repeat(90)}` })).toContain(
      'judge evil·[2Jxxxxxxxxxxxxxxx… ',
    );
  });

  test('is an alert only where a person must do something', () => {
    expect(alerts(judge({ state: 'unreachable', detail: 'ECONNREFUSED' }))).toEqual([]);
    expect(alerts(judge({ state: 'ready' }))).toEqual([]);
    expect(alerts(judge({ state: 'refused', detail: 'the key is wrong\u001b[2J' }))).toEqual([
      'judge cannot be asked: the key is wrong·[2J · resolagent judge check',
    ]);
    expect(alerts(judge({ state: 'out_of_tokens', dailyTokens: 9 }))).toEqual([
      'judge out of tokens: judge.dailyTokens = 9 are used up; it goes on within 24 hours',
    ]);
  });
});
