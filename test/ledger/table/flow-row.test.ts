import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { AppTable } from '../../../src/ledger/table/app-table.ts';
import { FlowReader } from '../../../src/ledger/table/flow-reader.ts';
import { type FlowRow, flowToCells, rowToFlow, UPSERT_FLOW } from '../../../src/ledger/table/flow-row.ts';
import { migrate } from '../../../src/ledger/thread/migrations.ts';
import { Statements } from '../../../src/ledger/thread/statements.ts';
import type { Host, Ip } from '../../../src/model/brand.ts';
import type { FlowRecord } from '../../../src/model/flow.ts';
import { flowSchema } from '../../../src/schema/flow.ts';
import { blockedFlow, sampleFlow } from '../sample-flow.ts';

function memory(): { db: Database; reader: FlowReader; apps: AppTable; put: (flow: FlowRecord) => void } {
  const db = new Database(':memory:', { strict: true });
  migrate(db);
  const statements = new Statements(db);
  const apps = new AppTable(statements);
  const upsert = db.prepare(UPSERT_FLOW);
  return {
    db,
    reader: new FlowReader(statements, apps.names),
    apps,
    put: (flow) => void upsert.run(...flowToCells(flow, apps)),
  };
}

test('a flow comes back as it was written', () => {
  const { reader, put } = memory();
  for (const flow of [sampleFlow(1), blockedFlow(2)]) {
    put(flow);
    expect(reader.one(flow.id)).toEqual(flow);
  }
});

// What a program, a server or a process table can put into a record: any text, lone surrogates aside (SQLite keeps UTF-8).
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('', '-', '\u0000', "'; DROP TABLE flows; --"),
);
const maybe = fc.option(text, { nil: null });
const count = fc.oneof(fc.nat(), fc.constantFrom(0, Number.MAX_SAFE_INTEGER));
const micros = fc.double({ min: 0, max: 1e12, noNaN: true });

const anyFlow: fc.Arbitrary<FlowRecord> = fc
  .record({
    origin: fc.record({
      pid: fc.option(fc.nat(), { nil: null }),
      path: maybe,
      name: maybe,
      uid: fc.option(fc.nat(), { nil: null }),
      user: maybe,
      parents: fc.array(fc.record({ pid: fc.nat(), path: maybe, name: text }), { maxLength: 16 }),
      signer: maybe,
      responsiblePid: fc.option(fc.nat(), { nil: null }),
      unknown: fc.constantFrom(null, 'socket_gone' as const, 'timed_out' as const),
    }),
    target: fc.record({ host: maybe, ip: fc.ipV6(), port: fc.integer({ min: 0, max: 65_535 }) }),
    sniff: fc.record({
      protocol: fc.constantFrom('tls' as const, 'http' as const, 'unknown' as const, 'silent' as const),
      sni: maybe,
      httpHost: maybe,
      alpn: fc.array(text, { maxLength: 4 }),
      ech: fc.boolean(),
      ja4: maybe,
      malformed: maybe,
    }),
    evidence: fc.array(fc.record({ kind: fc.constant('note' as const), text }), { maxLength: 3 }),
    defaulted: fc.boolean(),
    nameMismatch: fc.boolean(),
    upstream: fc.constantFrom(null, 'same', 'other'),
    sameNames: fc.boolean(),
    counts: fc.tuple(count, count),
    times: fc.tuple(micros, fc.option(micros, { nil: null }), fc.option(micros, { nil: null })),
  })
  .map((made) => {
    const base = sampleFlow(7);
    const target = { ...made.target, host: made.target.host as Host | null, ip: made.target.ip as Ip };
    const names = made.sameNames ? { sni: target.host, httpHost: target.host } : {};
    const upstream = { same: target.ip, other: '198.51.100.9' as Ip };
    return {
      ...base,
      origin: made.origin as unknown as FlowRecord['origin'],
      target,
      sniff: { ...made.sniff, ...names },
      verdict: { ...base.verdict, evidence: made.evidence },
      defaulted: made.defaulted,
      nameMismatch: made.nameMismatch,
      upstreamIp: made.upstream === null ? null : (upstream[made.upstream as 'same' | 'other'] ?? null),
      bytesIn: made.counts[0],
      bytesOut: made.counts[1],
      decisionUs: made.times[0],
      connectUs: made.times[1],
      durationMs: made.times[2],
    };
  });

test('any flow comes back as it was written, hostile text too', () => {
  const { reader, put } = memory();
  fc.assert(
    fc.property(anyFlow, (flow) => {
      put(flow);
      expect(reader.one(flow.id)).toEqual(flow);
    }),
    { numRuns: 500 },
  );
});

test("the judge's evidence comes back with its inquiry", () => {
  const { reader, put } = memory();
  const flow = blockedFlow(3, {
    verdict: {
      kind: 'block',
      stage: 'judge',
      reason: 'judged',
      evidence: [{ kind: 'judge', inquiry: 4_711, text: 'registered three days ago' }],
    },
  });
  put(flow);
  expect(reader.one(3)).toEqual(flow);
});

test('a lone surrogate becomes the replacement character, and the row stays readable', () => {
  const { reader, put } = memory();
  const flow = sampleFlow(1);
  put({ ...flow, sniff: { ...flow.sniff, sni: 'a\ud800b' } });
  expect(reader.one(1)?.sniff.sni).toBe('a\ufffdb');
});

test('a row that somebody changed is told from a flow, column by column', () => {
  const { db, apps, put } = memory();
  put(sampleFlow(1));
  const row = db.query<FlowRow, []>('SELECT * FROM flows').get();
  if (row === null) throw new Error('no row');
  expect(flowSchema.safeParse(rowToFlow(row, apps.names)).success).toBe(true);
  for (const bad of [
    { kind: 'maybe' },
    { evidence: '{' },
    { port: 'http' },
    { state: null },
    { parents: 'x:y' },
  ]) {
    expect(flowSchema.safeParse(rowToFlow({ ...row, ...bad }, apps.names)).success).toBe(false);
  }
});

test('a program is stored once, however many flows and parents name it', () => {
  const { db, put } = memory();
  for (let id = 1; id <= 50; id++) put(sampleFlow(id));
  expect(db.query('SELECT count(*) AS n FROM apps').get()).toEqual({ n: 3 });
});
