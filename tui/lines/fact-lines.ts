import type { Ancestor, FlowRecord, Origin } from '../../src/model/flow.ts';
import { formatBytes, formatClock, formatMs, formatSpan } from '../draw/format.ts';
import { clean, hang, type Line, type Segment, seg, type Tone } from '../draw/text.ts';
import { STATE_WORDS, UNKNOWN_WORDS } from '../words/reasons.ts';

const LABEL_CELLS = 12;
/** Most lines one fact takes; a path is hostile too. */
const FACT_MAX_LINES = 4;

/** Who asked, for what, what the first bytes told, whether the name is true, how long and how much. */
export function factLines(flow: FlowRecord, now: number, columns: number): readonly Line[] {
  const fact = (label: string, text: string, tone: Tone = 'plain'): Line[] =>
    hang([seg(label.padEnd(LABEL_CELLS), 'dim')], text, columns, tone, FACT_MAX_LINES);
  const truth = nameTruth(flow);
  const [down, up] = [formatBytes(flow.bytesIn), formatBytes(flow.bytesOut)];
  return [
    ...fact('program', programText(flow.origin)),
    ...fact('started by', chainText(flow.origin.parents)),
    ...fact('address', addressText(flow)),
    ...fact('name true', truth.text, truth.tone),
    ...fact('first bytes', sniffText(flow)),
    ...fact('time', timeText(flow, now)),
    ...fact('payload', `↓ ${down}B to the program, ↑ ${up}B to the server`),
    ...fact('state', stateText(flow)),
    ...fact('flow', `${flow.id} · mode ${flow.mode}`),
  ];
}

function programText(origin: Origin): string {
  if (origin.pid === null && origin.name === null) {
    return `unknown: ${origin.unknown === null ? 'no reason given' : UNKNOWN_WORDS[origin.unknown]}`;
  }
  const parts = [`${clean(origin.name ?? 'unnamed')}${origin.pid === null ? '' : ` (pid ${origin.pid})`}`];
  if (origin.path !== null) parts.push(clean(origin.path));
  if (origin.uid !== null) parts.push(`user ${clean(origin.user ?? '?')} (${origin.uid})`);
  if (origin.signer !== null) parts.push(`signed by ${clean(origin.signer)}`);
  if (origin.responsiblePid !== null && origin.responsiblePid !== origin.pid) {
    parts.push(`for pid ${origin.responsiblePid}`);
  }
  if (origin.unknown !== null) parts.push(`incomplete: ${UNKNOWN_WORDS[origin.unknown]}`);
  return parts.join(' · ');
}

function chainText(parents: readonly Ancestor[]): string {
  if (parents.length === 0) return 'not known';
  return parents.map((parent) => `${clean(parent.name, 60)} (${parent.pid})`).join(' ‹ ');
}

function addressText({ target, upstreamIp }: FlowRecord): string {
  const dialled = `dialled ${target.ip} port ${target.port}`;
  if (upstreamIp === null) return `${dialled} · no connection went out`;
  return upstreamIp === target.ip
    ? `${dialled} · connected to it`
    : `${dialled} · connected to ${upstreamIp}`;
}

/** Does the dialled address belong to the name? In words, and how grave. */
function nameTruth({ target, upstreamIp, nameMismatch, verdict }: FlowRecord): Segment {
  if (target.host === null) return seg('no name was seen: decided by address');
  if (nameMismatch) {
    const then =
      upstreamIp === target.ip
        ? 'forwarded to it all the same'
        : upstreamIp === null
          ? 'nothing was connected'
          : `${upstreamIp}, which is, was connected instead`;
    return seg(`NO: ${target.ip} is not an address of the name; ${then}`, 'bad');
  }
  if (verdict.reason === 'name_unresolved') return seg('NO: the name has no address', 'bad');
  if (verdict.reason === 'name_private') return seg('NO: the name leads to an address inside', 'bad');
  if (upstreamIp === null) return seg('not checked: no connection went out');
  return seg(`yes: ${target.ip} is an address of the name`, 'ok');
}

function sniffText({ sniff }: FlowRecord): string {
  const parts: string[] = [
    sniff.protocol === 'silent' ? 'none: the program waits for the server' : sniff.protocol,
  ];
  if (sniff.sni !== null) parts.push(`sni ${clean(sniff.sni)}`);
  if (sniff.httpHost !== null) parts.push(`host ${clean(sniff.httpHost)}`);
  if (sniff.alpn.length > 0) parts.push(`alpn ${clean(sniff.alpn.join(','))}`);
  if (sniff.ja4 !== null) parts.push(`ja4 ${clean(sniff.ja4)}`);
  if (sniff.ech) parts.push('ech: the name seen is the outer one');
  if (sniff.malformed !== null) parts.push(`malformed: ${clean(sniff.malformed)}`);
  return parts.join(' · ');
}

function timeText(flow: FlowRecord, now: number): string {
  const parts = [formatClock(flow.at), `decided in ${formatMs(flow.decisionUs)} ms`];
  if (flow.connectUs !== null) parts.push(`connected in ${formatMs(flow.connectUs)} ms`);
  if (flow.durationMs !== null) parts.push(`lasted ${formatSpan(flow.durationMs)}`);
  else parts.push(`open for ${formatSpan(Math.max(0, now - flow.at))}`);
  return parts.join(' · ');
}

function stateText(flow: FlowRecord): string {
  if (flow.effect === 'held') return 'held: waits for an answer, nothing was sent';
  const how = flow.effect === 'forbidden' ? ' with HTTP 403' : '';
  return `${STATE_WORDS[flow.state]}${how}${flow.detail === null ? '' : ` · ${clean(flow.detail)}`}`;
}
