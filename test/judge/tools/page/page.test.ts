import { expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pageLines } from '../../../../src/judge/tools/page/lines.ts';
import { readPage } from '../../../../src/judge/tools/page/page.ts';

const HOME = new URL('https://www.shop.test/a/b?c');

/** The lines about a page that begin with a word. */
async function lines(html: string, start: string): Promise<string[]> {
  const page = await readPage(html, HOME);
  return pageLines(page, HOME)
    .filter((line) => line.startsWith(start))
    .map((line) => line.slice(start.length));
}

const seen = async (html: string) => (await lines(html, 'Visible text: '))[0];

test.each([
  ['a<p>b</p>c<br>d<b>e</b>', 'a b c de'],
  ['  many \n\t spaces  ', 'many spaces'],
  ['<style>x</style><script>y</script><noscript>z</noscript><template>w</template>text', 'text'],
  ['<iframe>fallback</iframe><object>other</object><title>t</title>text', 'text'],
  ['<div hidden>no</div>yes', 'yes'],
  ['<div style="color:red;DISPLAY : none">no<p>nor</p></div>yes', 'yes'],
  ['<span style="font-size:0">no</span><span style="font-size:0.9em">yes</span>', 'yes'],
  ['<span style="opacity:0">no</span><span style="opacity:0.5">yes</span>', 'yes'],
  ['<span style="visibility:hidden">no</span>yes', 'yes'],
  ['<div hidden><div hidden>no</div>no</div>yes', 'yes'],
  ['<input hidden>yes<br hidden>too', 'yes too'],
  // What has no end tag would hide all that follows.
  ['<p hidden>one<p>two', 'one two'],
  ['<ul><li hidden>one<li>two</ul>', 'one two'],
  ['<textarea>typed</textarea><button>press</button>', 'typed press'],
  ['&lt;b&gt; &amp;amp; &#65;&#x42; &euro;', '<b> &amp; AB €'],
  ['<!-- no --><![CDATA[no]]><?php no ?>yes', 'yes'],
])('of %s a person sees: %s', async (html, text) => {
  expect(await seen(html)).toBe(text);
});

test('text is cut at 2,000 characters', async () => {
  expect(await seen('word '.repeat(1_000))).toBe(`${'word '.repeat(400).slice(0, 1_999)}…`);
});

test('characters are whole wherever the page is cut to be parsed', async () => {
  for (const shift of ['', 'x', 'xx', 'xxx']) {
    const page = await readPage(`${shift}${'😀'.repeat(8_000)}`, HOME);
    expect(page.text.startsWith(`${shift}${'😀'.repeat(4_000)}`)).toBe(true);
    expect(page.text).not.toContain('\ufffd');
  }
});

test('tags and names are whole wherever the page is cut to be parsed', async () => {
  const link = '<a href="https://other.test/">é</a>';
  expect(await lines(link.repeat(5_000), 'Other domains that it links to or takes something from: ')).toEqual(
    ['other.test ×5000'],
  );
});

test.each([
  ['<form>', 'GET to https://www.shop.test/a/b?…'],
  ['<form action="">', 'GET to https://www.shop.test/a/b?…'],
  ['<form method=post action=/x><input name=q>', 'POST to https://www.shop.test/x'],
  ['<form action=//api.shop.test/>', 'GET to https://api.shop.test/'],
  ['<form action=https://shop.test.evil.test/>', 'GET to https://shop.test.evil.test/ (ANOTHER DOMAIN)'],
  ['<form action=http://203.0.113.5/a.php>', 'GET to http://203.0.113.5/a.php (ANOTHER DOMAIN)'],
  ['<form action="ht\ntps://x.test/">', 'GET to https://x.test/ (ANOTHER DOMAIN)'],
  ['<form action=" https&#58;//x.test/ ">', 'GET to https://x.test/ (ANOTHER DOMAIN)'],
  ['<base href=//x.test><form action=y>', 'GET to https://x.test/y (ANOTHER DOMAIN)'],
  ['<form action=mailto:a@x.test>', 'GET to mailto:…'],
  ['<form action="http://[/">', 'GET to no address'],
  [
    '<form action=/a><button formaction=//x.test/b>',
    'GET to https://www.shop.test/a or https://x.test/b (ANOTHER DOMAIN)',
  ],
])('tells where %s sends to', async (html, told) => {
  expect(await lines(html, 'Form 1: ')).toEqual([`${told}; asks for nothing secret`]);
});

test.each([
  ['<input type=password>', 'a password'],
  ['<input type=PassWord>', 'a password'],
  ['<input name=passwd>', 'a password'],
  ['<input autocomplete=current-password>', 'a password'],
  ['<textarea placeholder="Your 12-word seed phrase">', 'a password'],
  ['<input name=cardNumber>', 'card data'],
  ['<input autocomplete=cc-csc>', 'card data'],
  ['<input placeholder="CVV">', 'card data'],
  ['<input autocomplete=one-time-code>', 'a one-time code'],
  ['<input id=sms_code>', 'a one-time code'],
  ['<input type=email>', 'an e-mail address or user name'],
  ['<input name=p&#97;ssword>', 'a password'],
  ['<input type=checkbox name=login>', 'nothing secret'],
  ['<input type=hidden name=password>', 'nothing secret'],
  ['<textarea type=hidden name=password>', 'a password'],
  ['<input type=search name=q><select name=lang><input type=submit name=login>', 'nothing secret'],
  ['<p>enter your password</p>', 'nothing secret'],
])('%s asks for %s', async (html, asked) => {
  expect(await lines(html, 'Asks for: ')).toEqual([asked]);
});

test('fields belong to the form that is open, and those outside of forms to the page', async () => {
  const html =
    '<form><input name=card-no></form><input name=sms_code><form><input type=password><form><input name=email>';
  const page = await readPage(html, HOME);
  expect(page.forms.map(({ asked }) => [...asked])).toEqual([['card'], ['password'], ['email']]);
  expect([...page.asked]).toEqual(['card', 'otp', 'password', 'email']);
});

test.each([
  ['0; url=https://x.test/a?b', '0 s: https://x.test/a?… (ANOTHER DOMAIN)'],
  ["5;URL='/c'", '5 s: https://www.shop.test/c'],
  ['1,//x.test', '1 s: https://x.test/ (ANOTHER DOMAIN)'],
  ['0;javascript:alert(1)', '0 s: javascript:…'],
])('tells that %p sends the browser on', async (content, told) => {
  const html = `<meta http-equiv=Refresh content="${content}"><meta http-equiv=refresh content="0;/second">`;
  expect(await lines(html, 'Sends the browser on after ')).toEqual([told]);
});

test.each(['300', '', ';url=', 'soon; url=/x'])('%p sends it nowhere', async (content) => {
  const html = `<meta http-equiv=refresh content="${content}">`;
  expect(await lines(html, 'Sends the browser on')).toEqual([]);
});

test('counts the hosts outside the domain, and them only', async () => {
  const html =
    '<script src=https://cdn.test/a.js></script><script src=/own.js></script><script>1</script><iframe src=//f.cdn2.test>' +
    '</iframe><script src=https://cdn.test/b.js></script><script src=https://static.shop.test/x></script><embed src=data:,x>' +
    '<img src=https://pics.test/1.png><link rel="shortcut icon" href=//pics.test/f.ico><link rel=canonical href=//z.test/>' +
    '<a href=https://a.test>1</a><a href=mailto:x@y.test>2</a><a href=#top>3</a><area href=http://203.0.113.5:8080/>';
  const page = await readPage(html, HOME);
  expect(pageLines(page, HOME).at(-2)).toBe(
    'Other domains that it links to or takes something from: cdn.test ×2, pics.test ×2, f.cdn2.test, z.test, a.test, 203.0.113.5',
  );
});

test('customers of one hosting domain are other domains to each other', async () => {
  const page = await readPage('<form action=https://b.github.io/x>', new URL('https://a.github.io/'));
  expect(pageLines(page, new URL('https://a.github.io/')).join('\n')).toContain('ANOTHER DOMAIN');
});

test.each([
  ['&amp;&lt;&gt;&quot;&apos;', '&<>"\''],
  ['&nbsp;&eacute;&yuml;&Agrave;&szlig;', '\u00a0éÿÀß'],
  ['&hellip;&mdash;&euro;&copy', '…—€©'],
  ['&#65;&#x41;&#X41;&#65', 'AAAA'],
  ['&#0;&#1114112;&#x110000;&#9999999;', '\ufffd\ufffd\ufffd\ufffd'],
  ['&unknown; &; & &#; &#x; &#xg;', '&unknown; &; & &#; &#x; &#xg;'],
  ['&amp;lt;', '&lt;'],
  ['&NotEqualTilde;&check;', '≂̸✓'],
])('reads %s as %s', async (text, plain) => {
  const { title, text: shown } = await readPage(`<title>${text}</title><p>${text}`, HOME);
  expect([title, shown.trimStart()]).toEqual([plain, plain.trimStart()]);
});

test('in an attribute a reference without its semicolon may be the name of an argument', async () => {
  expect(await lines('<form action="/a?x=1&amp;copy=2&reg=3">', 'Form 1: ')).toEqual([
    'GET to https://www.shop.test/a?…; asks for nothing secret',
  ]);
  const page = await readPage('<form action="/a?x=1&amp;copy=2&reg=3">', HOME);
  expect(page.forms[0]?.targets[0]?.search).toBe('?x=1&copy=2&reg=3');
});

const JA = [0x93, 0xfa, 0x96, 0x7b];

test('reads pages in a compiled program too, parser and encodings are inside', async () => {
  const root = mkdtempSync(join(tmpdir(), 'resolagent-page-'));
  try {
    const tools = join(import.meta.dir, '../../../../src/judge/tools/page');
    const source = `
      import { pageText } from ${JSON.stringify(join(tools, '../../../net/page-text.ts'))};
      import { pageLines } from ${JSON.stringify(join(tools, 'lines.ts'))};
      import { readPage } from ${JSON.stringify(join(tools, 'page.ts'))};
      const url = new URL('https://shop.test/');
      const bytes = Uint8Array.from([...Buffer.from('<title>'), ${JA}, ...Buffer.from('</title><div>a<form action=//x.test>')]);
      console.log(pageLines(await readPage(pageText(bytes, 'text/html; charset=shift_jis'), url), url).join('\\n'));`;
    writeFileSync(join(root, 'main.ts'), source);
    const built = await Bun.build({
      entrypoints: [join(root, 'main.ts')],
      compile: { outfile: join(root, 'program'), autoloadDotenv: false, autoloadBunfig: false },
    });
    expect(built.success).toBe(true);
    const ran = Bun.spawnSync([join(root, 'program')], { cwd: root, env: {} });
    expect(ran.stdout.toString()).toContain('Title: 日本\n');
    expect(ran.stdout.toString()).toContain(
      'Form 1: GET to https://x.test/ (ANOTHER DOMAIN); asks for nothing secret\n',
    );
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
