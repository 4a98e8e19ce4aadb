import { Model } from '../../../src/judge/client/client.ts';
import { isAlive } from '../../../src/judge/client/server-check.ts';
import { LIMITS, NEVER, QUESTION } from './model-server.ts';

// bun test/judge/client/ask-child.ts APIURL [KEY] [SILENCE_MS]: asks once, and prints what came of it, and of it all.

const [apiUrl = '', apiKey = '', silenceMs = '5000'] = process.argv.slice(2);
let unhandled = 0;
process.on('unhandledRejection', () => unhandled++);
process.on('uncaughtException', () => unhandled++);

const server = { apiUrl, model: 'm', apiKey: apiKey === '' ? null : apiKey };
const limits = { ...LIMITS, firstByteMs: Number(silenceMs), idleMs: Number(silenceMs) };
const answer = await new Model(server).ask(QUESTION, limits, NEVER);
const alive = await isAlive(server, Number(silenceMs));
// What is rejected late is rejected by then.
for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setTimeout(resolve, 1));
process.stdout.write(JSON.stringify({ answer, alive, unhandled }));
