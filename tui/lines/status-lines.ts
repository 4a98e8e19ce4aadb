import { assertNever } from '../../src/model/never.ts';
import type { Status } from '../../src/schema/status.ts';
import { formatClock, formatCount, formatMs } from '../draw/format.ts';
import { clean, cutLine, type Line, lineCells, type Segment, seg, spaced } from '../draw/text.ts';
import type { Link, Snapshot } from '../state/snapshot.ts';
import { VIEWS, type ViewId } from '../state/ui-state.ts';
import { judgeAlert, judgeSegment } from '../words/judge.ts';
import { isAlarming, listsAge } from '../words/lists.ts';
import { offloadTrouble } from '../words/offload.ts';

const GAP = seg('  ');

/** The status bar in `rows` lines (1 or 2), each at most `columns` cells. What does not fit is left out, least telling first. */
export function statusLines(snapshot: Snapshot, columns: number, rows: number): readonly Line[] {
  const { status, now } = snapshot;
  const first = [standing(snapshot), ...(status === null ? [] : setting(status))];
  const second = status === null ? [] : counting(status, now);
  if (rows < 2) return [pack([...first.slice(0, 2), ...second, ...first.slice(2)], columns)];
  return [withTabs(first, snapshot.ui.view, columns), pack(second, columns)];
}

/** The views at the right edge, where there is room for them beside all that the line must say. */
function withTabs(parts: readonly Segment[], view: ViewId, columns: number): Line {
  const titles = VIEWS.map(({ id, title }, index) =>
    seg(`${index + 1} ${title}`, id === view ? 'strong' : 'dim'),
  );
  const wide = spaced(titles, GAP);
  const fits = lineCells(spaced(parts, GAP)) + GAP.text.length + lineCells(wide) <= columns;
  const tabs = fits ? wide : spaced(titles, seg(' '));
  const room = columns - lineCells(tabs) - GAP.text.length;
  if (lineCells(spaced(parts, GAP)) > room) return pack(parts, columns);
  const left = pack([...parts, seg('resolagent', 'dim')], room);
  return [...left, seg(' '.repeat(room + GAP.text.length - lineCells(left))), ...tabs];
}

/** Is traffic really going through the engine? */
function standing({ link, status }: Snapshot): Segment {
  switch (link.state) {
    case 'attaching':
      return seg('ATTACHING', 'info');
    case 'stopping':
      return seg('ENGINE STOPPING', 'warn');
    case 'gone':
      return seg(' ENGINE GONE ', 'loud');
    case 'live':
      return status === null ? seg('ATTACHED', 'info') : ENFORCEMENT[status.enforcement.state];
    default:
      return assertNever(link);
  }
}

const ENFORCEMENT: Record<Status['enforcement']['state'], Segment> = {
  enforced: seg('✓ ENFORCED', 'ok'),
  not_enforced: seg(' NOT ENFORCED ', 'loud'),
  no_route: seg('OFFLINE', 'warn'),
  unknown: seg('NOT PROBED YET', 'warn'),
};

function setting(status: Status): readonly Segment[] {
  return [
    status.mode === 'enforce' ? seg('enforce') : seg(status.mode.toUpperCase(), 'warn'),
    seg(`fail ${status.failMode}`, status.failMode === 'open' && !status.guardRunning ? 'warn' : 'plain'),
    seg(`undecided: ${status.unattended}`),
  ];
}

function counting({ counts, decisionUs, rules, lists, judge }: Status, now: number): readonly Segment[] {
  const known =
    counts.total === 0 ? null : Math.floor((100 * (counts.total - counts.unknownOrigin)) / counts.total);
  const parts = [
    ...(counts.held > 0 ? [seg(`${formatCount(counts.held)} HELD`, 'info')] : []),
    seg(`${formatCount(counts.blocked)} blocked`, counts.blocked > 0 ? 'bad' : 'plain'),
    seg(`${formatCount(counts.defaulted)} by default`, counts.defaulted > 0 ? 'warn' : 'plain'),
    seg(`${formatCount(counts.open)} open`),
    seg(`${formatCount(counts.total)} seen`),
  ];
  const judging = judgeSegment(judge);
  if (judging !== null && judging.tone !== 'dim') parts.splice(-2, 0, judging);
  const age = listsAge(lists, now);
  if (age?.tone === 'warn') parts.push(age);
  if (decisionUs.p50 !== null) {
    const slow = decisionUs.p99 === null ? '' : ` p99 ${formatMs(decisionUs.p99)}`;
    parts.push(seg(`decision p50 ${formatMs(decisionUs.p50)}${slow} ms`, 'dim'));
  }
  if (counts.refusedAtLimit > 0)
    parts.push(seg(`${formatCount(counts.refusedAtLimit)} over the limit`, 'warn'));
  if (judging?.tone === 'dim') parts.push(judging);
  if (age?.tone === 'dim') parts.push(age);
  if (known !== null) parts.push(seg(`program known ${known}%`, 'dim'));
  parts.push(seg(rules === 1 ? '1 rule' : `${formatCount(rules)} rules`, 'dim'));
  return parts;
}

/** What the person must know, gravest first; each one line. */
export function alertsOf({ link, status, missed, now, askingPaused }: Snapshot): readonly Segment[] {
  const alerts: Segment[] = [];
  if (link.state === 'gone') alerts.push(seg(goneText(link, status), 'loud'));
  if (status === null) return alerts;
  const { enforcement, ledger, config, lists } = status;
  if (enforcement.state === 'not_enforced' && link.state !== 'gone') {
    const detail = enforcement.detail === null ? '' : `: ${clean(enforcement.detail)}`;
    alerts.push(seg(`NOT ENFORCED · programs reach the network past the firewall${detail}`, 'loud'));
  }
  if (status.failMode === 'open' && !status.guardRunning && link.state === 'live') {
    alerts.push(
      seg('watchdog lost · if the engine is killed, the network stays shut until resolagent reset', 'warn'),
    );
  }
  if (ledger.state === 'failing') {
    const lost = ledger.lost > 0 ? ` · ${formatCount(ledger.lost)} records lost` : '';
    alerts.push(
      seg(
        `history is not written: ${clean(ledger.error ?? 'unknown cause')}${lost} · connections go on`,
        'bad',
      ),
    );
  }
  const carrying = offloadTrouble(status.offload);
  if (carrying !== null) alerts.push(seg(carrying, 'bad'));
  if (config.error !== null)
    alerts.push(seg(`config refused, the last good one stays: ${clean(config.error)}`, 'bad'));
  if (askingPaused && link.state === 'live') alerts.push(seg('nobody answered · Esc asks you again', 'warn'));
  const judging = judgeAlert(status.judge);
  if (judging !== null) alerts.push(judging);
  for (const list of lists) {
    if (isAlarming(list, now))
      alerts.push(seg(`list ${clean(list.name)}: ${clean(list.error ?? '')}`, 'warn'));
  }
  if (missed > 0)
    alerts.push(seg(`this screen was too slow for ${formatCount(missed)} updates · rows may be old`, 'warn'));
  return alerts;
}

function goneText(link: Extract<Link, { state: 'gone' }>, status: Status | null): string {
  if (status === null) return 'NO ENGINE · q leaves';
  const at = formatClock(link.at).slice(0, 8);
  // An engine that says goodbye takes its kernel rules along; after a kill the fail mode speaks.
  const open = link.announced || status.failMode === 'open';
  const after = open ? 'traffic passes unfiltered' : 'the network is shut until resolagent reset';
  return `ENGINE GONE at ${at} · ${after} · last picture · q leaves`;
}

/** The alerts that fit in `rows` lines; the last says how many more there are. */
export function alertLines(alerts: readonly Segment[], columns: number, rows: number): readonly Line[] {
  const hidden = alerts.length - rows;
  return alerts.slice(0, rows).map((alert, index) => {
    const more = hidden > 0 && index === rows - 1 ? ` (+${hidden} more)` : '';
    return [...cutLine([alert], columns - more.length), seg(more, 'strong')];
  });
}

/** The first part, and as many of the others as fit, in their order, two spaces apart. */
function pack(parts: readonly Segment[], columns: number): Line {
  let line = cutLine(parts.slice(0, 1), columns);
  for (const part of parts.slice(1)) {
    const longer = [...line, GAP, part];
    if (lineCells(longer) <= columns) line = longer;
  }
  return line;
}
