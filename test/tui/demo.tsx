import { runScreen } from '../../tui/main.tsx';
import { FakeEngine, healthyStatus } from './fake-engine.ts';
import { hostileFlow, trafficFlow } from './traffic.ts';

// The real screen over made-up traffic, for eyes: bun test/tui/demo.tsx [flows a second] [state]
// states: empty, busy (default), sick, dying
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
stdout.write(`left: ${how}\n`);
process.exit(0);
