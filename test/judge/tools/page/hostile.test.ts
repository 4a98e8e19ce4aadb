import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { pageLines } from '../../../../src/judge/tools/page/lines.ts';
import { readPage } from '../../../../src/judge/tools/page/page.ts';
import { fetchTool } from '../../../../src/judge/tools/page/tool.ts';
import { toolBox } from '../../../../src/judge/tools/tool-box.ts';
import { pageText } from '../../../../src/net/page-text.ts';
import { runTool } from '../asking-context.ts';
import { head, inquiry, OwnerWorld } from '../owner-world.ts';

let world: OwnerWorld;
beforeAll(async () => {
  world = await OwnerWorld.start();
});
afterAll(() => world.stop());

const URL_ = 'http://shop.test/';
const HTML = { 'content-type': 'text/html; charset=utf-8' };
const BODY_MAX_BYTES = 262_144;
/** No result is longer, whatever a page holds. */
const TOLD_MAX_CHARS = 12_000;

async function told(signal = new AbortController().signal): Promise<string> {
  const outcome = await runTool(
    fetchTool(world.network),
    { host: 'shop.test', scheme: 'http' },
    inquiry(),
    signal,
  );
  const text = outcome.kind === 'ok' ? outcome.text : `failed: ${outcome.why}`;
  expect(text.length).toBeLessThan(TOLD_MAX_CHARS);
  return text;
}

/** Writes pieces for as long as the other side takes them; settles with how much that was. */
function pour(socket: Socket, piece: Uint8Array): Promise<number> {
  let sent = 0;
  const done = Promise.withResolvers<number>();
  const more = (): void => {
    while (!socket.destroyed) {
      sent += piece.length;
      if (!socket.write(piece)) return;
    }
  };
  socket.on('drain', more);
  socket.on('close', () => done.resolve(sent));
  more();
  return done.promise;
}

test('of a body without end 256 KB are read, and the sender is left', async () => {
  const sent = Promise.withResolvers<number>();
  world.on(URL_, (socket) => {
    socket.write(head(200, { ...HTML, 'content-length': String(2 ** 30) }));
    socket.write('<title>long</title>');
    void pour(socket, new Uint8Array(65_536).fill(0x20)).then(sent.resolve);
  });
  const text = await told();
  expect(text).toContain('Size: 262144 bytes read; not all of it: it is longer than 256 KB');
  expect(text).toContain('Title: long');
  // What was under way in socket buffers comes on top.
  expect(await sent.promise).toBeLessThan(64 * BODY_MAX_BYTES);
});

test('a gzip bomb is unpacked as far as a page may be long', async () => {
  const bomb = gzipSync(Buffer.concat([Buffer.from('<title>bomb</title>'), Buffer.alloc(64 << 20, 0x20)]));
  expect(bomb.length).toBeLessThan(BODY_MAX_BYTES);
  world.page(URL_, bomb, { 'content-encoding': 'gzip' });
  const text = await told();
  expect(text).toContain('Size: 262144 bytes read; not all of it: it is longer than 256 KB');
  expect(text).toContain('Title: bomb');
});

test('gzip that unpacks to nothing is not read for ever', async () => {
  const nothing = Buffer.concat(Array(2_000).fill(gzipSync('')));
  world.on(URL_, (socket) => {
    socket.write(head(200, { ...HTML, 'content-encoding': 'gzip' }));
    void pour(socket, nothing);
  });
  expect(await told()).toContain('Size: 0 bytes read; not all of it: it is longer than 256 KB');
});

test.each([
  ['is cut', gzipSync(`<title>cut</title>${'x'.repeat(9)}`).subarray(0, 30), 'gzip'],
  ['is none', Buffer.from('<title>no</title>'), 'gzip'],
  ['was not asked for', Buffer.from('<title>no</title>'), 'br'],
  ['was not asked for either', Buffer.from('<title>no</title>'), 'zstd'],
  ['is two', gzipSync(gzipSync('x')), 'gzip, gzip'],
])('an encoding that %s is told, and nothing breaks', async (_, body, encoding) => {
  world.page(URL_, body, { 'content-encoding': encoding });
  expect(await told()).toMatch(/Size: \d+ bytes read; not all of it: /);
});

test('headers without end are a failure', async () => {
  world.on(URL_, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    void pour(socket, Buffer.from(`x-filler: ${'y'.repeat(1_000)}\r\n`));
  });
  expect(await told()).toMatch(/^failed: .* too long$/);
});

test('interim answers without end are over with the time', async () => {
  const deadline = new AbortController();
  let sent = 0;
  world.on(URL_, (socket) => {
    const more = (): void => {
      if (++sent === 50) deadline.abort(new Error('over'));
      if (socket.destroyed) return;
      socket.write('HTTP/1.1 103 Early\r\n\r\n');
      setImmediate(more);
    };
    more();
  });
  expect(await told(deadline.signal)).toBe('failed: http://shop.test/ gave no answer: the time was over');
});

test('a server that never answers is left when the time is over', async () => {
  const deadline = new AbortController();
  const closed = Promise.withResolvers<void>();
  world.on(URL_, (socket) => {
    socket.on('close', () => closed.resolve());
    deadline.abort(new Error('over'));
  });
  expect(await told(deadline.signal)).toBe('failed: http://shop.test/ gave no answer: the time was over');
  await closed.promise;
});

test('a name that is never resolved is left when the time is over', async () => {
  const deadline = new AbortController();
  const network = {
    ...world.network,
    resolve: () => {
      deadline.abort(new Error('over'));
      return new Promise<never>(() => {});
    },
  };
  const run = runTool(fetchTool(network), { host: 'shop.test', scheme: 'http' }, inquiry(), deadline.signal);
  expect(await run).toEqual({
    kind: 'failed',
    why: 'http://shop.test/ cannot be asked: shop.test was not resolved in time',
  });
});

test('a call whose time was over before it began fails at once', async () => {
  const calls = [{ tool: 'FETCH', args: { host: 'shop.test' } }];
  const over = AbortSignal.abort(new Error('over'));
  const [result] = await toolBox([fetchTool(world.network)]).run(calls, inquiry(), over);
  expect(result).toMatchObject({ source: null, text: 'the time was over' });
});

test('of a page that drips what came in time is told', async () => {
  const deadline = new AbortController();
  world.on(URL_, (socket) => {
    socket.write(head(200, HTML));
    let sent = 0;
    const page = '<title>slow</title><p>one drop after the other';
    const drip = (): void => {
      if (socket.destroyed) return;
      if (sent === page.length) return void setImmediate(() => deadline.abort(new Error('over')));
      socket.write(page[sent++] ?? '');
      setImmediate(drip);
    };
    drip();
  });
  const text = await told(deadline.signal);
  expect(text).toContain('not all of it: the time was over');
  expect(text).toContain('Title: slow');
});

test.each([
  ['speaks no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n\r\n'],
  ['closes at once', ''],
  ['sends half a head', 'HTTP/1.1 200 OK\r\ncontent-'],
  ['sends a head with NUL', 'HTTP/1.1 200 OK\r\nx\0y: 1\r\n\r\n'],
  ['answers with HTTP/2', 'HTTP/2 200\r\n\r\n'],
])('a server that %s is a failure', async (_, bytes) => {
  world.on(URL_, (socket) => socket.end(bytes));
  expect(await told()).toMatch(/^failed: http:\/\/shop\.test\/ gave no answer: /);
});

test('a body that ends too early is told as far as it came', async () => {
  world.on(URL_, (socket) =>
    socket.end(`${head(200, { ...HTML, 'content-length': '999' })}<title>torn</title>`),
  );
  const text = await told();
  expect(text).toContain('not all of it: the connection ended in the middle of the answer');
  expect(text).toContain('Title: torn');
});

test('headers cannot add a line or colour one', async () => {
  world.page(URL_, '', {
    server: '\u001b[31mred\u0007',
    'content-type': 'text/html\u009bX; charset=\u001b]0;x',
  });
  const text = await told();
  expect(text).toContain('Server: ·[31mred·');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
});

test('a redirect written in odd bytes is told cleaned, and cut', async () => {
  world.page(URL_, '', { location: `http://other.test/\u001b[2J\u009b${'%0a'.repeat(900)}` }, 302);
  const text = await told();
  expect(text).toMatch(/Redirected to: http:\/\/other\.test\/%1B\[2J.*… \(status 404\)/);
});

const HOSTILE: readonly (readonly [string, string, RegExp])[] = [
  [
    '10,000 nested elements',
    `${'<div>'.repeat(10_000)}deep${'</div>'.repeat(10_000)}`,
    /Visible text: deep$/,
  ],
  ['elements that are never closed', '<b>'.repeat(80_000), /Visible text: none/],
  ['37,000 forms', '<form>'.repeat(37_000), /Forms in all: 37000/],
  [
    '8,000 forms with fields',
    '<form action=//evil.test/x><input type=password name=p>'.repeat(4_000),
    /Form 6: GET to http:\/\/evil\.test\/x \(ANOTHER DOMAIN\); asks for a password\nForms in all: 4000/,
  ],
  ['fields without end', '<input name=login>'.repeat(14_000), /Asks for: an e-mail address or user name\n/],
  [
    '9,000 hosts',
    Array.from({ length: 9_000 }, (_, index) => `<a href=//h${index}.x${index}.test>`).join(''),
    /takes something from: .*, 490 or more others$/m,
  ],
  ['one attribute of 250 KB', `<a href="//other.test/${'x'.repeat(250_000)}">end`, /Visible text: end/],
  ['60,000 attributes', `<p ${'a=b '.repeat(60_000)}>end`, /Visible text: end$/],
  [
    'a title of 200 KB',
    `<title>${'t'.repeat(200_000)}</title>end`,
    /Title: t{299}…\n[\s\S]*Visible text: end$/,
  ],
  ['only less-than signs', '<'.repeat(260_000), /Visible text: <{1999}…$/],
  ['elements named like what objects have', '<constructor src=//a.test><toString>end', /Visible text: end$/],
  ['a reference of 250,000 digits', `&#${'9'.repeat(250_000)};end`, /Visible text: ·$/],
  [
    'references that are cut short',
    '&CounterClockwiseContourIntegra'.repeat(8_000),
    /Visible text: (?:&CounterClockwiseContourIntegra){64}/,
  ],
  ['only ampersands', '&#'.repeat(130_000), /Visible text: (&#){999}&…$/],
  ['text in a script', '<script>document.write("<p>trust me</p>")</script>end', /Visible text: end$/],
  ['a script that never ends', 'start<script><p>trust me</p>', /Visible text: start$/],
  ['a comment that never ends', 'start<!-- <p>trust me</p>', /Visible text: start$/],
  ['NUL bytes', 'a\0b<p\0>c</p><scr\0ipt>d', /Visible text: a·b/],
  ['colours', '\u001b[31mred&#27;[0m&#x9b;2J', /Visible text: ·\[31mred·\[0m›2J$/],
  ['text that is drawn backwards', '\u202eevil&#x202e;', /Visible text: ·evil·$/],
  ['tags and noncharacters', '\u{e0041}\u{e0042}\ufffe&#xFFFF;&#xD800;x', /Visible text: ·····x$/],
];

test.each(HOSTILE)('reads a page with %s', async (_, body, expected) => {
  expect(body.length).toBeLessThanOrEqual(BODY_MAX_BYTES);
  world.page(URL_, body);
  expect(await told()).toMatch(expected);
});

test('no bytes make the reader of pages throw, or a line of its result more than one', async () => {
  const soup = fc.array(
    fc.oneof(
      fc.string(),
      fc.constantFrom(
        '<',
        '>',
        '</',
        '="',
        '<!--',
        '-->',
        '<script>',
        '</title>',
        '<title>',
        '<form action=',
        '&#',
        ';',
      ),
      fc.constantFrom(
        '<select>',
        '<xmp>',
        '<table>',
        '<svg>',
        '<![CDATA[',
        '<template>',
        '<meta charset=utf-16>',
        '<base href=',
      ),
    ),
    { maxLength: 40 },
  );
  await fc.assert(
    fc.asyncProperty(soup, fc.uint8Array({ maxLength: 30 }), fc.string(), async (parts, tail, type) => {
      const url = new URL('https://shop.test/');
      const bytes = Buffer.concat([Buffer.from(parts.join('')), tail]);
      const page = await readPage(pageText(bytes, type), url);
      for (const line of pageLines(page, url)) expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
    }),
    { numRuns: 300 },
  );
});
