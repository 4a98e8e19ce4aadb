import { programLabel, targetLabel, verdictWord, WORD_TONES, whyOf } from '../../tui/words/flow.ts';
import { cleanText } from '../model/clean.ts';
import type { FlowRecord } from '../model/flow.ts';
import { paint, print, printJson } from './print.ts';

/** Flows whose printed effect is remembered; a state that comes so late is printed again. */
const REMEMBERED_FLOWS = 65_536;

/** Prints flows once each: objects when they have ended and their figures are complete; lines at the verdict, and when another follows. */
export function flowPrinter(json: boolean): (flow: FlowRecord) => void {
  if (json) return (flow) => flow.state !== 'open' && printJson(flow);
  const effects = new Map<number, string>();
  return (flow) => {
    if (effects.get(flow.id) === flow.effect) return;
    effects.delete(flow.id);
    effects.set(flow.id, flow.effect);
    if (effects.size > REMEMBERED_FLOWS) effects.delete(effects.keys().next().value ?? 0);
    print(flowLine(flow));
  };
}

/** One flow on one line: time, verdict word, program, host and port, why, decision time and, once known, bytes. */
export function flowLine(flow: FlowRecord): string {
  const word = verdictWord(flow);
  const time = new Date(flow.at).toTimeString().slice(0, 8);
  const target = `${targetLabel(flow)}:${flow.target.port}`;
  const figures =
    flow.durationMs === null
      ? `${flow.decisionUs} µs`
      : `${flow.decisionUs} µs ${flow.bytesIn}↓ ${flow.bytesOut}↑`;
  const why = cleanText(whyOf(flow));
  return `${paint(time, 'dim')} ${paint(word.padEnd(11), WORD_TONES[word])} ${cleanText(programLabel(flow.origin), 40)} → ${target}  ${paint(`${why} · ${figures}`, 'dim')}`;
}
