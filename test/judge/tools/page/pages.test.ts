import { afterAll, beforeAll, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchTool } from '../../../../src/judge/tools/page/tool.ts';
import { runTool } from '../asking-context.ts';
import { inquiry, OwnerWorld } from '../owner-world.ts';

const FOLDER = join(import.meta.dir, '../../../fixtures/judge/pages');
const NAMES = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.http'))
  .map((file) => file.slice(0, -'.http'.length));

let world: OwnerWorld;
beforeAll(async () => {
  world = await OwnerWorld.start();
});
afterAll(() => world.stop());

/** The bytes of an answer as a server sends them: line feeds of the head become what HTTP wants. */
function answer(name: string): Uint8Array {
  const bytes = readFileSync(join(FOLDER, `${name}.http`));
  const at = bytes.indexOf('\n\n');
  const body = bytes.subarray(at + 2);
  const head = bytes.toString('latin1', 0, at).replaceAll('\n', '\r\n');
  return Buffer.concat([Buffer.from(`${head}\r\ncontent-length: ${body.length}\r\n\r\n`, 'latin1'), body]);
}

async function told(name: string): Promise<string> {
  const host = `${name}.shop.test`;
  world.on(`https://${host}/`, (socket) => socket.end(answer(name)));
  const outcome = await runTool(
    fetchTool(world.network),
    { host, scheme: 'https' },
    inquiry(),
    new AbortController().signal,
  );
  return outcome.kind === 'ok' ? `${outcome.text}\n` : `failed: ${outcome.why}\n`;
}

test('there are pages of all kinds', () => {
  expect(NAMES.length).toBeGreaterThan(18);
});

test.each(NAMES)('tells of %s what the text beside it says', async (name) => {
  expect(await told(name)).toBe(readFileSync(join(FOLDER, `${name}.txt`), 'utf8'));
});

test.each(NAMES)('nothing in %s can add a line, move the cursor or turn the text around', async (name) => {
  for (const line of (await told(name)).trimEnd().split('\n')) {
    expect(line).toMatch(
      /^(Asked|Content type|Server|Size|Text|Title|Description|Sends the browser|Asks for|Form \d|Other domains|Visible text)/,
    );
    expect(line).not.toMatch(/[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u206f]/u);
  }
});
