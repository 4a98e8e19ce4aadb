// Makes many connections, each with one plain HTTP request and its whole answer. Arguments: JSON with ip, name, count, together.
// Prints one JSON object: answered, failed (a count by error code), ms.
import http from 'node:http';

const { ip, name, count, together } = JSON.parse(process.argv[2]);
const failed = {};
let answered = 0;
let started = 0;

function request() {
  return new Promise((resolve) => {
    const done = (error) => {
      if (error === null) answered++;
      else failed[error] = (failed[error] ?? 0) + 1;
      resolve();
    };
    const made = http.get({ host: ip, path: '/', headers: { host: name }, agent: false }, (response) => {
      response.resume();
      response.on('end', () => done(response.statusCode === 200 ? null : String(response.statusCode)));
      response.on('error', (error) => done(error.code ?? error.message));
    });
    made.on('error', (error) => done(error.code ?? error.message));
  });
}

async function lane() {
  while (started < count) {
    started++;
    await request();
  }
}

const begun = performance.now();
await Promise.all(Array.from({ length: together }, lane));
process.stdout.write(`${JSON.stringify({ answered, failed, ms: Math.round(performance.now() - begun) })}\n`);
