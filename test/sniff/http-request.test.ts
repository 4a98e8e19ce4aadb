import { describe, expect, test } from 'bun:test';
import type { Host } from '../../src/model/brand.ts';
import { REQUEST_HEAD_MAX_BYTES } from '../../src/sniff/http-request.ts';
import { type Sniffed, Sniffer } from '../../src/sniff/sniffer.ts';
import { sniff, utf8 } from './hello.ts';

const http = (text: string): Sniffed | 'undecided' => sniff(utf8(text));
const withHost = (value: string): Sniffed => http(`GET / HTTP/1.1\r\nHost: ${value}\r\n\r\n`) as Sniffed;
const HOST = 'a.example' as Host;

function givenUp(text: string): Sniffed {
  const sniffer = new Sniffer();
  expect(sniffer.push(utf8(text)).state).toBe('need_more');
  return sniffer.giveUp();
}

describe('request lines', () => {
  test.each([
    ['a usual one', 'GET / HTTP/1.1\r\n'],
    ['bare line feeds', 'GET / HTTP/1.1\n'],
    ['HTTP/1.0', 'GET / HTTP/1.0\r\n'],
    ['a query with URLs in it', 'GET /?u=http://b.example/ HTTP/1.1\r\n'],
    ['two slashes', 'GET //b.example/ HTTP/1.1\r\n'],
    ['an asterisk', 'OPTIONS * HTTP/1.1\r\n'],
    ['an unknown method', 'M-SEARCH-2_x!~ / HTTP/1.1\r\n'],
    ['a long method', `${'M'.repeat(300)} / HTTP/1.1\r\n`],
    ['a blank', ' GET / HTTP/1.1\r\n'],
    ['white space of every kind', '\t\u000b\u000c\u001c\u001f\r\n GET / HTTP/1.1\r\n'],
    ['an odd version of HTTP', 'GET / HTTP/1\r\n'],
    ['an odd version of HTTP, 2', 'GET / HTTP/x.y\r\n'],
    ['an odd version of HTTP, 3', 'GET / http/1.1x\r\n'],
    ['no version', 'GET /\r\n'],
    ['a version of something else', 'GET / ICY/1.0\r\n'],
    ['a version of something else behind a URL', 'OPTIONS icap://b.example/x ICAP/1.0\r\n'],
    ['a version of something else behind an asterisk', 'OPTIONS * ICY/1.0\r\n'],
    ['empty lines before it', '\r\n\n\r\nPOST /x HTTP/1.1\r\n'],
    ['several blanks and tabs', 'GET \t /a b  HTTP/1.1 \r\n'],
    ['bytes above ASCII in the path', 'GET /ü HTTP/1.1\r\n'],
  ])('reads the Host behind %s', (_, line) => {
    const end = line.endsWith('\r\n') ? '\r\n' : '\n';
    expect(http(`${line}Host: a.example${end}${end}`)).toMatchObject({
      protocol: 'http',
      httpHost: 'a.example',
      host: HOST,
      malformed: null,
    });
  });

  test.each([
    'CONNECT b.example:443 HTTP/1.1\r\n',
    'connect b.example:443 HTTP/1.1\r\n',
    'GET http://b.example/ HTTP/1.1\r\n',
    'GET HTTPS://b.example HTTP/1.1\r\n',
    'GET ftp://b.example/x HTTP/1.0\n',
  ])('decides %p by address, and what it names beside', (line) => {
    const end = line.endsWith('\r\n') ? '\r\n' : '\n';
    expect(http(line)).toBe('undecided');
    expect(http(`${line}${end}`)).toMatchObject({
      protocol: 'http',
      host: null,
      wanted: ['b.example'],
      isProxied: true,
      malformed: null,
    });
    expect(http(`${line}Host: a.example${end}${end}`)).toMatchObject({
      host: null,
      httpHost: 'a.example',
      wanted: ['b.example', 'a.example'],
    });
    expect(http(`${line}Host: B.example:80${end}${end}`)).toMatchObject({ wanted: ['b.example'] });
    expect(http(`${line}Host: a b${end}${end}`)).toMatchObject({
      malformed: 'the Host header is not a possible host',
    });
  });

  test('decides the preface of HTTP/2 at the end of its line, by address', () => {
    expect(http('PRI * HTTP/2.0\r\n')).toMatchObject({
      protocol: 'http',
      host: null,
      wanted: [],
      next: null,
    });
  });

  test.each([
    'GET b.example HTTP/1.1\r\n',
    'GET ?x HTTP/1.1\r\n',
    'GET \\x HTTP/1.1\r\n',
    'GET b.example HTTP/1.1x\r\n',
  ])('does not read a name behind %p', (line) => {
    expect(http(`${line}Host: a.example\r\n\r\n`)).toMatchObject({ httpHost: null, host: null });
  });

  test.each([
    'GET http://b.example/ HTTP/1.1x\r\n',
    'GET http://u@b.example:80/ ICY/1.0\r\n',
    'GET https://b.example\r\n',
    'CONNECT b.example:443\r\n',
    'CONNECT b.example:443 HTTPS\r\n',
  ])('reads both names of a request to a proxy in an odd version: %p', (line) => {
    expect(http(`${line}Host: a.example\r\n\r\n`)).toMatchObject({
      host: null,
      wanted: ['b.example', 'a.example'],
      isProxied: true,
    });
    expect(http(`${line}\r\n`)).toMatchObject({ wanted: ['b.example'] });
  });

  test('says what is wrong with a target that is no path', () => {
    expect(http('GET b.example HTTP/1.1\r\n')).toMatchObject({
      protocol: 'http',
      malformed: 'the request target is neither a path nor a URL',
    });
  });

  test.each([
    'EHLO mail.example\r\n',
    'NICK someone\r\n',
    'GET HTTP/1.1\r\n',
    'get key\r\n',
    'GET / RTSP/1.0\r\nno header\n',
    'GET / RTSP/1.0\r\n\r\n',
    'PING\r',
    'PING\n',
    'GET(',
    'GET /\u0000',
    'GET /\u001b',
    '\r\n\r\nx\u0000',
    '\u0080',
    '\u0000',
    '\u0015',
    '\u0016\u0002',
  ])('knows at its last byte that %p is not HTTP', (text) => {
    const bytes = Uint8Array.from([...text].map((char) => char.charCodeAt(0)));
    expect(sniff(bytes.subarray(0, -1))).toBe('undecided');
    expect(sniff(bytes)).toMatchObject({ protocol: 'unknown', host: null, malformed: null });
  });

  test.each([
    ['an SSLv2 hello', [0x80, 0x2e, 1, 0, 2]],
    ['a DTLS hello', [22, 0xfe, 0xfd, 0, 0]],
    ['a DTLS 1.0 hello', [22, 0xfe, 0xff, 0, 0]],
  ])('leaves %s unknown', (_, bytes) => {
    expect(sniff(Uint8Array.from(bytes))).toMatchObject({ protocol: 'unknown', malformed: null });
  });
});

describe('the Host header', () => {
  test.each([
    ['a.example', 'a.example'],
    ['A.EXAMPLE.', 'a.example'],
    ['a.example:8080', 'a.example'],
    ['a.example:', 'a.example'],
    ['  a.example\t ', 'a.example'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['xn--bcher-kva.example:80', 'xn--bcher-kva.example'],
    ['under_score.example', 'under_score.example'],
  ])('%p names %s', (value, host) => {
    expect(withHost(value)).toMatchObject({ httpHost: value.trim(), host: host as Host, malformed: null });
  });

  test.each(['127.0.0.1', '127.0.0.1:80', '[::1]', '[2001:db8::1]:8080', '0x7f.1', '[::1]:'])(
    '%p is an address and no name',
    (value) => {
      expect(withHost(value)).toMatchObject({ httpHost: value, host: null, malformed: null });
    },
  );

  test.each([
    'user@a.example',
    'user:pw@a.example',
    'a.example, b.example',
    'a.example b.example',
    'a.example/path',
    'http://a.example',
    'a.example:80:80',
    'a.example:x',
    'a.example:65536',
    'a.example:123456',
    'a.example:-1',
    ':80',
    '[::1',
    '[::1]x',
    '[]',
    '[a.example]',
    '[::1]:99999',
    '*.example',
    'ex%61mple.com',
    'a..example',
    'a.example\u0000',
    'a.exa\tmple',
    'a.example#',
    'a.example?',
    'a\\.example',
    `${'a'.repeat(64)}.example`,
    'a'.repeat(300),
  ])('%p is refused', (value) => {
    const sniffed = withHost(value);
    expect(sniffed).toMatchObject({
      protocol: 'http',
      host: null,
      malformed: 'the Host header is not a possible host',
    });
    expect(sniffed.httpHost).toBe(value);
  });

  test('is not read in part when it is too long', () => {
    const first300Bytes = `${'ａ'.repeat(50)}.${'ａ'.repeat(49)}.x`;
    expect(withHost(first300Bytes).host).toBe(`${'a'.repeat(50)}.${'a'.repeat(49)}.x` as Host);
    for (const value of [`${first300Bytes}y`, 'a'.repeat(5000)]) {
      expect(withHost(value)).toMatchObject({
        protocol: 'http',
        httpHost: null,
        host: null,
        malformed: 'the Host header is not a possible host',
      });
    }
  });

  test('is none when it is empty or missing', () => {
    expect(withHost('')).toMatchObject({ protocol: 'http', httpHost: null, host: null, malformed: null });
    expect(http('GET / HTTP/1.0\r\nX: y\r\n\r\n')).toMatchObject({
      protocol: 'http',
      httpHost: null,
      host: null,
      malformed: null,
    });
  });

  test('is found in any case, at any place, with any blank', () => {
    expect(http('GET / HTTP/1.1\r\nX: Host: b.example\r\nhOsT:\t a.example\r\nY: z\r\n\r\n')).toMatchObject({
      host: HOST,
    });
    expect(http('GET / HTTP/1.1\nHost:a.example\n\n')).toMatchObject({ host: HOST });
    expect(http('GET / HTTP/1.1\r\nHost: a.example\n\r\n')).toMatchObject({ host: HOST });
  });

  test.each(['X-Host', 'Hosts', 'Hos', 'Ghost', 'h-o-s-t', 'Host2'])('is not the header %s', (name) => {
    expect(http(`GET / HTTP/1.1\r\n${name}: b.example\r\n\r\n`)).toMatchObject({
      httpHost: null,
      malformed: null,
    });
  });

  test('may come twice when both say the same', () => {
    expect(http('GET / HTTP/1.1\r\nHost: a.example\r\nhost: A.example\r\n\r\n')).toMatchObject({
      host: HOST,
    });
    for (const second of ['b.example', '', 'a.example:80']) {
      expect(http(`GET / HTTP/1.1\r\nHost: a.example\r\nHost: ${second}\r\n`)).toMatchObject({
        httpHost: null,
        host: null,
        malformed: 'the request gives several Host headers',
      });
    }
    expect(http('GET / HTTP/1.1\r\nHost:\r\nHost: a.example\r\n')).toMatchObject({
      malformed: 'the request gives several Host headers',
    });
  });

  test.each([
    'Host : b.example',
    'Host\t: b.example',
    'Ho st: b.example',
    '(Host: b.example',
    '\u0000Host: b.example',
    'Host',
    'h@o@s@t: x',
  ])('is not safe to read beside %p', (line) => {
    expect(http(`GET / HTTP/1.1\r\nHost: a.example\r\n${line}\r\n`)).toMatchObject({
      host: null,
      malformed: 'a header is almost, not exactly, named Host',
    });
  });

  test.each(['no colon', ': no name', 'two words: x', '(odd): x'])(
    'is read beside the odd line %p, as servers do',
    (line) => {
      expect(http(`GET / HTTP/1.1\r\n${line}\r\nHost: a.example\r\n\r\n`)).toMatchObject({
        host: HOST,
        malformed: null,
      });
    },
  );

  test('is refused with a line that is continued', () => {
    for (const lines of [
      'Host: a.example\r\n b.example\r\n',
      ' Host: a.example\r\n',
      'X: y\n\tHost: b.example\n',
    ]) {
      expect(http(`GET / HTTP/1.1\r\n${lines}`)).toMatchObject({
        host: null,
        malformed: 'a header line is continued on the next line',
      });
    }
  });

  test('is refused with a bare carriage return', () => {
    for (const lines of ['X: y\rHost: b.example\r\n', 'Host: a.example\r\r\n', '\rX']) {
      expect(http(`GET / HTTP/1.1\r\n${lines}`)).toMatchObject({
        malformed: 'a header line contains a bare carriage return',
      });
    }
  });
});

describe('limits and giving up', () => {
  const filler = (bytes: number): string => `X: ${'y'.repeat(bytes)}\r\n`;

  test('reads a head that fills the limit', () => {
    const head = 'POST / HTTP/1.1\r\nHost: a.example\r\n';
    const full = `${head}${filler(REQUEST_HEAD_MAX_BYTES - head.length - 7)}\r\n`;
    expect(full.length).toBe(REQUEST_HEAD_MAX_BYTES);
    expect(http(full)).toMatchObject({ host: HOST, malformed: null });
    expect(http(full.slice(0, -1))).toBe('undecided');
  });

  test('a head past the limit is unreadable, with a Host before it or behind it', () => {
    const long = filler(REQUEST_HEAD_MAX_BYTES);
    for (const lines of [`Host: a.example\r\n${long}`, `${long}Host: a.example\r\n`]) {
      expect(http(`GET / HTTP/1.1\r\n${lines}\r\n`)).toMatchObject({
        protocol: 'http',
        host: null,
        malformed: 'the request head is longer than 65536 bytes',
      });
    }
  });

  test('answers a request line without an end at the limit', () => {
    expect(http(`GET /${'x'.repeat(REQUEST_HEAD_MAX_BYTES)}`)).toMatchObject({
      protocol: 'http',
      malformed: 'the request line is longer than 65536 bytes',
    });
    expect(http(`SAY ${'x'.repeat(REQUEST_HEAD_MAX_BYTES)}`)).toMatchObject({
      protocol: 'unknown',
      malformed: null,
    });
    for (const run of ['\r\n', 'M']) {
      expect(http(run.repeat(REQUEST_HEAD_MAX_BYTES))).toMatchObject({
        protocol: 'http',
        malformed: 'the request line is longer than 65536 bytes',
      });
    }
  });

  test('gives up with the Host it has, not with half a line', () => {
    expect(givenUp('GET / HTTP/1.1\r\nHost: a.example\r\nX: y')).toMatchObject({
      protocol: 'http',
      host: HOST,
      malformed: null,
    });
    expect(givenUp('GET / HTTP/1.1\r\nHost: a.exam')).toMatchObject({
      protocol: 'http',
      host: null,
      malformed: 'the request is not finished',
    });
    expect(givenUp('GET / HTT')).toMatchObject({
      protocol: 'http',
      host: null,
      malformed: 'the request is not finished',
    });
  });

  test.each(['G', 'GET', 'GET ', ' ', 'EHLO mail.example', '\r\n', 'GET /key\r\n', '\u0016'])(
    'gives up on %p as unknown',
    (text) => {
      expect(givenUp(text)).toMatchObject({ protocol: 'unknown', host: null, malformed: null });
    },
  );
});

describe('how a request goes on', () => {
  const next = (line: string, headers: string) =>
    (http(`${line} HTTP/1.1\r\n${headers}\r\n`) as Sniffed).next;

  test.each([
    ['none told', '', 0],
    ['a length', 'Content-Length: 42\r\n', 42],
    ['the same length twice', 'content-length: 42\r\nCONTENT-LENGTH:42\r\n', 42],
    ['chunks', 'Transfer-Encoding: Chunked\r\n', 'chunked'],
    ['a length past all numbers', `Content-Length: ${'9'.repeat(20)}\r\n`, Number.MAX_SAFE_INTEGER],
  ] as const)('reads a body with %s', (_, headers, body) => {
    const head = `POST /x HTTP/1.1\r\n${headers}\r\n`;
    expect(next('POST /x', headers)).toEqual({ headBytes: head.length, body });
  });

  test('a CONNECT goes on as a tunnel, whatever its headers say', () => {
    expect(next('CONNECT b.example:443', 'Content-Length: 5\r\n')).toMatchObject({ body: 'tunnel' });
  });

  test.each([
    ['Content-Length: 1\r\nContent-Length: 2\r\n', 'the request tells its length in two ways'],
    ['Content-Length: 1\r\nTransfer-Encoding: chunked\r\n', 'the request tells its length in two ways'],
    ['Transfer-Encoding: chunked\r\nContent-Length: 1\r\n', 'the request tells its length in two ways'],
    [
      'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n',
      'the request tells its length in two ways',
    ],
    ['Content-Length: 1, 1\r\n', 'the length of the request cannot be read'],
    ['Content-Length: +1\r\n', 'the length of the request cannot be read'],
    ['Content-Length: 0x1\r\n', 'the length of the request cannot be read'],
    ['Content-Length:\r\n', 'the length of the request cannot be read'],
    ['Transfer-Encoding: xchunked\r\n', 'the length of the request cannot be read'],
    ['Transfer-Encoding: chunked, identity\r\n', 'the length of the request cannot be read'],
    [
      'Transfer-Encoding : chunked\r\n',
      'a header is almost, not exactly, named Content-Length or Transfer-Encoding',
    ],
    ['Content-Length\t: 5\r\n', 'a header is almost, not exactly, named Content-Length or Transfer-Encoding'],
  ])('%p is refused', (headers, why) => {
    expect(http(`POST / HTTP/1.1\r\nHost: a.example\r\n${headers}\r\n`)).toMatchObject({
      host: null,
      malformed: why as never,
    });
  });
});
