import { Database } from 'bun:sqlite';
import { afterEach, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { FlowGroup, HistoryQuery, HistorySlice } from '../../../src/ledger/table/history-reader.ts';
import { SLICE_FLOWS } from '../../../src/ledger/table/history-reader.ts';
import { HistorySum, OTHERS_TOLD, PROGRAMS_TOLD } from '../../../src/ledger/table/history-sum.ts';
import { HistoryScans, LOOKED_MAX_FLOWS } from '../../../src/ledger/thread/history-scans.ts';
import type { Host, UnixMs } from '../../../src/model/brand.ts';
import type { FlowRecord } from '../../../src/model/flow.ts';
import { blockedFlow, sampleFlow } from '../sample-flow.ts';
import { cleanUp, openLedger, scratch } from '../scratch.ts';
import { optionsIn } from '../scratch-options.ts';

afterEach(cleanUp);

const BASE_MS = 1_790_000_000_000;
const FIREFOX = { name: 'firefox', path: '/usr/lib/firefox/firefox' };
const NOBODY = { name: null, path: null };

/** Changes the host, and the program when there is one. */
function towards(
  flow: FlowRecord,
  host: string | null,
  app: { name: string; path: string | null } = FIREFOX,
  user = 'alice',
): FlowRecord {
  return {
    ...flow,
    origin: { ...flow.origin, ...app, user },
    target: { ...flow.target, host: host as Host | null },
  };
}

test('counts the flows of a domain and of all below it, and nothing else', async () => {
  const ledger = await openLedger(optionsIn(scratch()));
  const curl = { name: 'curl', path: '/usr/bin/curl' };
  const hosts = [
    'shop.com',
    'www.shop.com',
    'a.b.shop.com',
    'notshop.com',
    'shop.com.evil.net',
    'shop',
    null,
  ];
  for (const [n, host] of hosts.entries()) ledger.record(towards(sampleFlow(n + 1), host));
  ledger.record(towards(blockedFlow(11), 'shop.com', curl, 'bob'));
  ledger.record(towards(sampleFlow(12, { defaulted: true }), 'shop.com', curl));
  ledger.record(towards(sampleFlow(13, { effect: 'held' }), 'shop.com', curl));
  ledger.record(towards(sampleFlow(14, { effect: 'forbidden' }), 'shop.com', curl));
  const history = await ledger.domainHistory('shop.com', NOBODY, 0);
  expect(history).toEqual({
    looked: { flows: 11, since: BASE_MS + 1, isWhole: true },
    domain: {
      ...{ flows: 7, allowed: 4, blocked: 2, held: 1, defaulted: 1 },
      ...{ first: BASE_MS + 1, last: BASE_MS + 14 },
      programs: [
        { ...curl, flows: 4 },
        { ...FIREFOX, flows: 3 },
      ],
      programCount: 2,
    },
    app: {
      ...{ flows: 0, allowed: 0, blocked: 0, held: 0, defaulted: 0, first: null, last: null },
      ...{ others: [], otherCount: 0, bare: 0 },
    },
  });
});

test('tells what else a program contacted since a moment, by registrable domain, and since when it is known', async () => {
  const ledger = await openLedger(optionsIn(scratch()));
  const hosts = [
    'old.org',
    'shop.com',
    'a.one.com',
    'b.one.com',
    'x.github.io',
    'y.github.io',
    'two.co.uk',
    null,
    null,
  ];
  for (const [n, host] of hosts.entries()) ledger.record(towards(sampleFlow(n + 1), host));
  ledger.record(towards(sampleFlow(20), 'unseen.com', { name: 'firefox', path: '/tmp/firefox' }));
  const history = await ledger.domainHistory('shop.com', FIREFOX, BASE_MS + 2);
  expect(history?.app).toMatchObject({
    flows: 9,
    first: BASE_MS + 1,
    last: BASE_MS + 9,
    otherCount: 4,
    bare: 2,
  });
  const [most, ...others] = history?.app.others ?? [];
  expect(most).toEqual({ domain: 'one.com', flows: 2 });
  const once = ['two.co.uk', 'x.github.io', 'y.github.io'].map((domain) => ({ domain, flows: 1 }));
  expect(others.sort((a, b) => a.domain.localeCompare(b.domain))).toEqual(once);
});

test('a program without a path is known by its name', async () => {
  const ledger = await openLedger(optionsIn(scratch()));
  ledger.record(towards(sampleFlow(1), 'one.com', { name: 'kworker', path: null }));
  ledger.record(towards(sampleFlow(2), 'two.com', { name: 'kworker', path: '/tmp/kworker' }));
  expect((await ledger.domainHistory('x.com', { name: 'kworker', path: null }, 0))?.app.flows).toBe(1);
  expect((await ledger.domainHistory('x.com', { name: 'other', path: '/tmp/kworker' }, 0))?.app.flows).toBe(
    1,
  );
  expect((await ledger.domainHistory('x.com', { name: 'kworker', path: '/else' }, 0))?.app.flows).toBe(0);
});

test('names in a question are names: nothing in them is a pattern or SQL', async () => {
  const ledger = await openLedger(optionsIn(scratch()));
  ledger.record(towards(sampleFlow(1), 'a_b.com'));
  ledger.record(towards(sampleFlow(2), 'www.axb.com'));
  const flows = async (domain: string) =>
    (await ledger.domainHistory(domain, { name: "'; DROP TABLE flows", path: "' OR 1=1 --" }, 0))?.domain
      .flows;
  expect(await flows('a_b.com')).toBe(1);
  expect(await flows('%')).toBe(0);
  expect(await flows("x' OR '1'='1")).toBe(0);
  expect(await flows('axb.com')).toBe(1);
});

test('looks through many slices, whatever ids are missing between them, and flows are written meanwhile', async () => {
  const ledger = await openLedger(optionsIn(scratch()));
  const count = 3 * SLICE_FLOWS + 7;
  for (let n = 1; n <= count; n++)
    ledger.record(towards(sampleFlow(n * 50), n % 2 === 0 ? 'shop.com' : `h${n}.one.com`));
  const asked = [1, 2, 3].map(() => ledger.domainHistory('shop.com', FIREFOX, 0));
  const written = ledger.flush().then(async () => {
    ledger.record(sampleFlow(1_000_000));
    await ledger.flush();
    return ledger.status().queued;
  });
  for (const history of await Promise.all(asked)) {
    expect(history?.looked).toMatchObject({ isWhole: true, since: BASE_MS + 50 });
    expect(history?.domain.flows).toBe(Math.floor(count / 2));
    expect(history?.app.others[0]).toEqual({ domain: 'one.com', flows: Math.ceil(count / 2) });
  }
  expect(await written).toBe(0);
});

test('tells nothing of a database that cannot be read, and nothing once the ledger is closed', async () => {
  const options = optionsIn(scratch());
  const first = await openLedger(options);
  first.record(sampleFlow(1));
  await first.close();
  expect(await first.domainHistory('shop.com', FIREFOX, 0)).toBeNull();
  const db = new Database(options.path);
  db.run('PRAGMA user_version = 99');
  db.close();
  expect(await (await openLedger(options)).domainHistory('shop.com', FIREFOX, 0)).toBeNull();
});

const QUERY: HistoryQuery = { domain: 'shop.com', app: FIREFOX, sinceMs: 0 };

/** A ledger of so many flows, none of interest, that notes how it is read. */
class Endless {
  read = 0;
  constructor(
    private left: number,
    private readonly onRead: () => void = () => {},
  ) {}

  readonly slice = (_query: HistoryQuery, before: number): HistorySlice => {
    this.onRead();
    this.read++;
    const flows = Math.min(SLICE_FLOWS, this.left);
    this.left -= flows;
    return {
      groups: [],
      flows,
      firstId: flows === 0 ? null : Math.min(before, 1e9) - flows,
      since: flows === 0 ? null : 5,
    };
  };
}

test('looks through no more than its limit, and says that it left something out', async () => {
  const endless = new Endless(1e9);
  const history = await new HistoryScans(endless.slice, () => 0).history(QUERY);
  expect(history?.looked).toEqual({ flows: LOOKED_MAX_FLOWS, since: 5, isWhole: false });
  expect(endless.read).toBe(LOOKED_MAX_FLOWS / SLICE_FLOWS);
});

test('takes no longer than its limit', async () => {
  let ms = 0;
  const endless = new Endless(1e9, () => {
    ms += 500;
  });
  const history = await new HistoryScans(endless.slice, () => ms).history(QUERY);
  expect(history?.looked).toEqual({ flows: 5 * SLICE_FLOWS, since: 5, isWhole: false });
});

test.each([0, 1, SLICE_FLOWS - 1, SLICE_FLOWS, SLICE_FLOWS + 1])(
  'a ledger of %p flows is looked through whole',
  async (flows) => {
    const history = await new HistoryScans(new Endless(flows).slice, () => 0).history(QUERY);
    expect(history?.looked).toEqual({ flows, since: flows === 0 ? null : 5, isWhole: true });
  },
);

test('reads one history at a time, turns away past its limit, and stops when it is closed', async () => {
  const endless = new Endless(1e12);
  const scans = new HistoryScans(endless.slice, () => 0);
  const asked = Array.from({ length: 70 }, () => scans.history(QUERY));
  const first = await asked[0];
  expect(first?.looked.flows).toBe(LOOKED_MAX_FLOWS);
  expect(await asked[69]).toBeNull();
  scans.close();
  const read = endless.read;
  expect((await Promise.all(asked)).filter((history) => history === null).length).toBeGreaterThanOrEqual(68);
  expect(endless.read - read).toBeLessThanOrEqual(1);
});

test('a slice that cannot be read ends the history, and the next one is read nevertheless', async () => {
  let fails = true;
  const endless = new Endless(10);
  const scans = new HistoryScans(
    (query, before) => (fails ? null : endless.slice(query, before)),
    () => 0,
  );
  expect(await scans.history(QUERY)).toBeNull();
  fails = false;
  expect(await scans.history(QUERY)).not.toBeNull();
});

test('whatever names there are, what is told is bounded and counts every flow once', () => {
  const host = fc.oneof(fc.constantFrom('shop.com', 'www.shop.com', null), fc.domain(), fc.string());
  const group: fc.Arbitrary<FlowGroup> = fc.record({
    host,
    effect: fc.constantFrom('forward', 'reset', 'forbidden', 'held', 'odd'),
    defaulted: fc.constantFrom(0, 1),
    isApp: fc.constantFrom(0, 1),
    isRecent: fc.constantFrom(0, 1),
    name: fc.option(fc.string()),
    path: fc.option(fc.string()),
    flows: fc.integer({ min: 1, max: 1_000 }),
    first: fc.nat(),
    last: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(fc.array(group, { maxLength: 60 }), { maxLength: 5 }), (slices) => {
      const sum = new HistorySum(QUERY);
      for (const groups of slices) sum.add({ groups, flows: groups.length, firstId: 1, since: 1 });
      const { domain, app } = sum.result(true);
      expect(domain.programs.length).toBeLessThanOrEqual(PROGRAMS_TOLD);
      expect(app.others.length).toBeLessThanOrEqual(OTHERS_TOLD);
      for (const seen of [domain, app]) {
        expect(seen.allowed + seen.blocked + seen.held).toBe(seen.flows);
      }
      const all = slices.flat().filter(({ isApp }) => isApp === 1);
      expect(app.flows).toBe(all.reduce((total, { flows }) => total + flows, 0));
    }),
  );
});

test('thousands of names do not grow past what is told apart', () => {
  const sum = new HistorySum(QUERY);
  const group = (n: number): FlowGroup => ({
    ...{ host: `name${n}.com`, effect: 'forward', defaulted: 0, isApp: 1, isRecent: 1 },
    ...{ name: null, path: null, flows: 1, first: 1 as UnixMs, last: 1 as UnixMs },
  });
  sum.add({
    groups: Array.from({ length: 30_000 }, (_, n) => group(n)),
    flows: 30_000,
    firstId: 1,
    since: 1,
  });
  expect(sum.result(false).app).toMatchObject({ flows: 30_000, otherCount: 30_000 });
});
