// Asks for pages without an end, so many at a time, each on a connection of its own. Arguments: JSON with targets ({ip, name}, taken
// in turn), together, pauseMs. Ends when standard input does, and prints one JSON object: how often each status or error code came.
import http from 'node:http';

const { targets, together, pauseMs } = JSON.parse(process.argv[2]);
const LIMIT_MS = 3_000;
const outcomes = {};
let asked = 0;

function request({ ip, name }) {
  return new Promise((resolve) => {
    const done = (outcome) => {
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      resolve();
    };
    const asks = { host: ip, path: '/', headers: { host: name }, agent: false, timeout: LIMIT_MS };
    const made = http.get(asks, (response) => {
      response.resume();
      response.on('end', () => done(response.statusCode)).on('error', (error) => done(error.code));
    });
    made.on('timeout', () => made.destroy(Object.assign(new Error(), { code: 'TIMEOUT' })));
    made.on('error', (error) => done(error.code ?? error.message));
  });
}

async function lane() {
  for (;;) {
    await request(targets[asked++ % targets.length]);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

for (let i = 0; i < together; i++) void lane();
process.stdout.write('ready\n');
process.stdin.resume().on('end', () => {
  process.stdout.write(`${JSON.stringify(outcomes)}\n`);
  process.exit(0);
});
