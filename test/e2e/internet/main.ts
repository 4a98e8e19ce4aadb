import { createInterface } from 'node:readline';
import { queriesOf, serveNames, setName } from './names.ts';
import type { Answer, Ask } from './protocol.ts';
import { acceptedAt } from './record.ts';
import { serveTalkers } from './talkers.ts';
import { serveWeb, setText } from './web.ts';

// Run by node inside the namespace that plays the internet: CERTIFICATES-FOLDER, then the addresses of the name server.
const [certificates = '', ...addresses] = process.argv.slice(2);

await serveWeb(certificates);
await serveTalkers(addresses);
await serveNames(addresses);
process.stdout.write('ready\n');

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const { id, ...ask } = JSON.parse(line) as Ask & { id: number };
  const answer: Answer = { id, result: resultOf(ask) };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
// The test run is gone, however it ended.
lines.on('close', () => process.exit(0));

function resultOf(ask: Ask): Answer['result'] {
  switch (ask.method) {
    case 'name':
      setName(ask.name, ask);
      return null;
    case 'text':
      setText(ask.path, ask.text);
      return null;
    case 'accepted':
      return acceptedAt(ask.ip);
    case 'queries':
      return queriesOf(ask.name);
    default:
      return ask satisfies never;
  }
}
