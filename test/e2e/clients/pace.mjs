// Makes new connections at a steady pace, each with one plain HTTP request and its whole answer. Arguments: JSON with targets
// ({ip, name}, taken in turn), rate (a second), seconds. Prints one JSON object: for each name how often each status or error
// code came, and connectMs with p50, p99 and max from the call to the whole answer.
import http from 'node:http';

const { targets, rate, seconds } = JSON.parse(process.argv[2]);
const TICK_MS = 10;
const outcomes = {};
const took = [];

function note(name, outcome) {
  outcomes[name] ??= {};
  outcomes[name][outcome] = (outcomes[name][outcome] ?? 0) + 1;
}

function request({ ip, name }) {
  const started = performance.now();
  return new Promise((resolve) => {
    const done = (outcome) => {
      note(name, String(outcome));
      took.push(performance.now() - started);
      resolve();
    };
    const made = http.get({ host: ip, path: '/', headers: { host: name }, agent: false }, (response) => {
      response.resume();
      response.on('end', () => done(response.statusCode));
      response.on('error', (error) => done(error.code ?? error.message));
    });
    made.on('error', (error) => done(error.code ?? error.message));
  });
}

const total = rate * seconds;
const running = [];
const begun = performance.now();
await new Promise((resolve) => {
  const timer = setInterval(() => {
    const due = Math.min(total, Math.floor(((performance.now() - begun) / 1000) * rate));
    while (running.length < due) running.push(request(targets[running.length % targets.length]));
    if (running.length < total) return;
    clearInterval(timer);
    resolve();
  }, TICK_MS);
});
await Promise.all(running);
took.sort((a, b) => a - b);
const at = (share) =>
  Math.round((took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0) * 10) / 10;
process.stdout.write(
  `${JSON.stringify({ outcomes, answerMs: { p50: at(0.5), p99: at(0.99), max: at(1) } })}\n`,
);
