import type { UnixMs } from '../../src/model/brand.ts';
import { runScreen } from '../../tui/main.tsx';
import { FakeEngine, healthyStatus } from './fake-engine.ts';
import { asking, inquiryReport, makeQuestion } from './question/make-question.ts';
import { hostileFlow, trafficFlow } from './traffic.ts';

// The real screen over made-up traffic, for eyes: bun test/tui/demo.tsx [flows a second] [state]
// states: empty, busy (default), sick, dying, asking
const rate = Number(process.argv[2] ?? '3');
const state = process.argv[3] ?? 'busy';
const TICK_MS = 50;

const engine = new FakeEngine(state === 'empty' ? [] : [hostileFlow(1)]);
let next = 2;
let owed = 0;
let seen = engine.status.counts.total;

if (state === 'sick') {
  engine.status = healthyStatus({
    mode: 'permissive',
    guardRunning: false,
    enforcement: { state: 'not_enforced', probedAt: Date.now(), detail: 'the probe went out unseen' },
    ledger: {
      state: 'failing',
      error: 'disk is full',
      queued: 9,
      lost: 120,
      path: '/var/lib/resolagent/ledger.db',
    },
    config: {
      path: '/etc/resolagent/config.toml',
      error: 'policy.mode: expected enforce, got enforced (line 3)',
    },
  });
}

const HOLD_MS = 15_000;
let asks = 0;
const questions = setInterval(() => {
  if (state !== 'asking') return;
  const now = Date.now();
  const open = engine.questions.filter((question) => question.deadline > now);
  const apps = [asking({ name: asks % 3 === 0 ? 'node' : 'curl' })];
  const part = { host: `new-${asks}.example.org`, domain: 'example.org', apps, waiting: 1 + (asks % 4) };
  const found = asks % 2 === 0 ? { inquiry: 1, findings: ['registered 3 days ago', 'no MX'] } : {};
  const ends = { since: now, deadline: now + HOLD_MS };
  engine.emitQuestions([...open, makeQuestion(++asks, { ...part, ...found, ...ends })]);
}, 4_000);
if (state === 'asking') {
  const judge = { ...engine.status.judge, state: 'ready', running: 1, done: 2 } as const;
  engine.status = healthyStatus({ judge, notify: 'bell' });
  engine.inquiries = [
    inquiryReport(1, { at: (Date.now() - 60_000) as UnixMs }),
    inquiryReport(2, { at: Date.now() as UnixMs }),
  ];
}

const traffic = setInterval(() => {
  if (state === 'empty') return;
  owed += (rate * TICK_MS) / 1_000;
  const flows = [];
  for (; owed >= 1; owed--) flows.push(trafficFlow(next++, Date.now()));
  if (flows.length > 0) engine.emit(flows);
  seen += flows.length;
}, TICK_MS);
const pulse = setInterval(() => {
  engine.emitStatus({ counts: { ...engine.status.counts, total: seen } });
}, 1_000);
if (state === 'dying') setTimeout(() => engine.die(), 3_000);

const { env, stdin, stdout } = process;
const how = await runScreen({ client: engine, env, stdin, stdout });
clearInterval(traffic);
clearInterval(pulse);
clearInterval(questions);
stdout.write(`left: ${how}\n`);
process.exit(0);
