import { cleanText } from '../model/clean.ts';
import type { Verdict } from '../model/flow.ts';

/** The 403 that a blocked plain-HTTP request gets: says who refused it and why, in text, so that curl shows it. */
export function forbiddenResponse(host: string | null, ip: string, verdict: Verdict): string {
  const why = verdict.evidence[0]?.text ?? verdict.reason.replaceAll('_', ' ');
  const body = `resolagent blocked ${cleanText(host ?? ip)}: ${cleanText(why)}\n`;
  return [
    'HTTP/1.1 403 Forbidden',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    'Cache-Control: no-store',
    '',
    body,
  ].join('\r\n');
}
