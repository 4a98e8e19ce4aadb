import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { PERSONAS, SCHEMA_WAYS, type Script } from './script.ts';
import { startScriptedModel } from './scripted-model.ts';

// bun test/judge/scripted-model/main.ts --port N --play PERSONA [--delay-ms N] [--verdict V] [--key K] [--log FILE]
// Each line of standard input is a JSON object that changes the script, answered by "changed".

const verdictSchema = z.enum(['allow', 'block', 'unsure']);
const scriptSchema = z
  .strictObject({
    persona: z.enum(PERSONAS),
    delayMs: z.number().min(0),
    isHolding: z.boolean(),
    verdict: verdictSchema,
    verdicts: z.record(z.string(), verdictSchema),
    tools: z.array(z.string()),
    schema: z.enum(SCHEMA_WAYS),
    key: z.string().nullable(),
    order: z.string().nullable(),
    mishaps: z.array(
      z.union([
        z.enum(['reset', 'cut']),
        z.strictObject({ status: z.int(), headers: z.record(z.string(), z.string()).optional() }),
      ]),
    ),
  })
  .partial();

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '1234' },
    play: { type: 'string', default: 'well-behaved' },
    'delay-ms': { type: 'string', default: '0' },
    verdict: { type: 'string', default: 'allow' },
    key: { type: 'string' },
    log: { type: 'string' },
  },
});

const first = scriptSchema.parse({
  persona: values.play,
  delayMs: Number(values['delay-ms']),
  verdict: values.verdict,
  key: values.key ?? null,
});
const model = await startScriptedModel({
  ...(first as Partial<Script>),
  port: Number(values.port),
  // One JSON object a line, written before the answer begins.
  onRequest: (request) => {
    if (values.log !== undefined) appendFileSync(values.log, `${JSON.stringify(request)}\n`);
  },
});
process.on('SIGTERM', () => void model.close().then(() => process.exit(0)));
createInterface({ input: process.stdin }).on('line', (line) => {
  model.script(scriptSchema.parse(JSON.parse(line)) as Partial<Script>);
  process.stdout.write('changed\n');
});
process.stdout.write(`listening on ${model.apiUrl}\n`);
