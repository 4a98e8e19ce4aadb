import type { Act } from './act.ts';

const body = (type: string, text: string): Act => ({ kind: 'nonsense', type, body: text });

/** Bodies with status 200 that are no reply, in the order in which they are sent. */
export const NONSENSE: readonly Act[] = [
  body('application/json', '{"choices":[{"message":{"content":'),
  body('text/html', '<!doctype html><title>502 Bad Gateway</title><h1>nginx</h1>'),
  body('text/event-stream', 'data: {not json}\n\ndata: ]]]\n\ndata: [DONE]\n\n'),
  body('application/json', '{"choices":[]}'),
  body('text/event-stream', ''),
  body('application/json', 'null'),
  body('text/event-stream', 'event: error\ndata: {"error":{"message":"out of memory"}}\n\n'),
  body('application/octet-stream', '\u0000\u0001\u0002\ufffd\u001b[2J'),
  body(
    'application/json',
    '{"choices":[{"message":{"content":{"verdict":"allow"},"tool_calls":"VERDICT"}}]}',
  ),
  body(
    'text/event-stream',
    'data: {"choices":[{"delta":{"content":"lorem ipsum dolor"}}]}\n\ndata: [DONE]\n\n',
  ),
];
