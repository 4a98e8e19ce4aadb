import { render } from 'ink';
import { App } from '../../tui/app.tsx';
import { Controller } from '../../tui/control/controller.ts';
import { themeOf } from '../../tui/draw/theme.ts';
import { INK_OPTIONS } from '../../tui/main.tsx';
import { ScreenStore } from '../../tui/state/store.ts';
import { FakeEngine } from './fake-engine.ts';
import { trafficFlow } from './traffic.ts';

// What a frame costs and what the screen keeps, over made-up traffic, on a real terminal; the figures go to stderr:
//   NODE_ENV=production bun test/tui/measure.tsx [updates a second] [seconds] [flows afterwards] 2> figures
const rate = Number(process.argv[2] ?? '500');
const seconds = Number(process.argv[3] ?? '15');
const flood = Number(process.argv[4] ?? '100000');
const TICK_MS = 20;

const engine = new FakeEngine();
const store = new ScreenStore({ clock: Date.now });
const controller = new Controller({ client: engine, store, leave: () => {} });
const frames: { wall: number; cpu: number }[] = [];
let next = 1;

// Subscribed before React: from the new picture to the end of all work that it started, terminal output included.
store.subscribe(() => {
  const start = performance.now();
  const before = process.cpuUsage();
  setImmediate(() => {
    const { user, system } = process.cpuUsage(before);
    frames.push({ wall: performance.now() - start, cpu: (user + system) / 1_000 });
  });
});
const ink = render(<App controller={controller} theme={themeOf(process.env)} />, {
  ...INK_OPTIONS,
  interactive: true,
});
await controller.start();

const megabytes = () => Math.round(process.memoryUsage.rss() / 1e6);
const emit = (count: number) => {
  // Half of the updates are new flows, half newer states of the latest ones.
  const fresh = Array.from({ length: count / 2 }, () => trafficFlow(next++, Date.now()));
  engine.emit([...fresh, ...fresh.map((flow) => ({ ...flow, bytesIn: flow.bytesIn + 1_000 }))]);
};
const traffic = setInterval(() => emit((rate * TICK_MS) / 1_000), TICK_MS);
await Bun.sleep(3_000);
const before = megabytes();
frames.length = 0;
const cpu = process.cpuUsage();
await Bun.sleep(seconds * 1_000);
const { user, system } = process.cpuUsage(cpu);
clearInterval(traffic);
const share = (of: 'wall' | 'cpu', part: number) => {
  const sorted = frames.map((frame) => frame[of]).sort((a, b) => a - b);
  return (sorted[Math.floor(sorted.length * part)] ?? 0).toFixed(1);
};
const spread = (of: 'wall' | 'cpu') =>
  `${of} ms p50 ${share(of, 0.5)} p95 ${share(of, 0.95)} p99 ${share(of, 0.99)}`;
process.stderr.write(
  `${process.stdout.columns}x${process.stdout.rows}, ${rate} updates/s: ${frames.length} frames, ${spread('cpu')}, ${spread('wall')}; ` +
    `${((user + system) / seconds / 1e4).toFixed(0)} % of a core with the made-up engine; MB ${before} -> ${megabytes()}\n`,
);
const end = next + flood;
while (next < end) {
  emit(1_000);
  await Bun.sleep(2);
}
await Bun.sleep(500);
Bun.gc(true);
const heap = Math.round(process.memoryUsage().heapUsed / 1e6);
process.stderr.write(`after ${next - 1} flows: ${megabytes()} MB resident, ${heap} MB heap\n`);
ink.unmount();
process.exit(0);
