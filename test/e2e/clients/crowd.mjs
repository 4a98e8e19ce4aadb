// Makes plain HTTP requests to many names, all at once, and waits for every answer. Arguments: JSON with targets (ip, name) and each,
// the requests to each. Prints one JSON object: for each name a count by status, or by error code.
import http from 'node:http';

const { targets, each } = JSON.parse(process.argv[2]);
const told = Object.fromEntries(targets.map(({ name }) => [name, {}]));

function request({ ip, name }) {
  return new Promise((resolve) => {
    const done = (result) => {
      told[name][result] = (told[name][result] ?? 0) + 1;
      resolve();
    };
    const made = http.get({ host: ip, path: '/', headers: { host: name }, agent: false }, (response) => {
      response.resume();
      response.on('end', () => done(String(response.statusCode)));
      response.on('error', (error) => done(error.code ?? error.message));
    });
    made.on('error', (error) => done(error.code ?? error.message));
  });
}

await Promise.all(Array.from({ length: each }, () => targets.map(request)).flat());
process.stdout.write(JSON.stringify(told));
