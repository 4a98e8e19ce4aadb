import { expect, test } from 'bun:test';
import type { Batch } from '../../src/ledger/wire.ts';
import { Writer } from '../../src/ledger/writer.ts';
import { makeRound } from '../tui/transcript/sample-transcript.ts';
import { sampleFlow } from './sample-flow.ts';
import { sampleInquiry, sampleVerdict } from './sample-judge.ts';

/** A writer whose thread writes all it is given, and the batches it was given. */
function writerTo(batches: Batch[]): Writer {
  const call = async (_call: string, args: unknown): Promise<unknown> => {
    batches.push(args as Batch);
    return { written: true, refused: 0 };
  };
  return new Writer({ call: call as never }, () => 7, false);
}

test('a verdict does not wait for the long transcripts before it', async () => {
  const batches: Batch[] = [];
  const writer = writerTo(batches);
  const rounds = [makeRound({ said: 'x'.repeat(400_000) })];
  for (const id of [1, 2, 3]) writer.putInquiry(sampleInquiry(id, { rounds }));
  writer.keepVerdict(sampleVerdict('a.example'));
  writer.put(sampleFlow(5));
  await writer.flush();
  writer.stop();
  const told = batches.map(({ flows, inquiries, verdicts, issued }) => [
    ...[flows.length, inquiries.map(({ summary }) => summary.id), verdicts.length, issued],
  ]);
  expect(told).toEqual([
    [1, [1], 1, { flow: 7, inquiry: 3 }],
    [0, [2], 0, { flow: 7, inquiry: 3 }],
    [0, [3], 0, { flow: 7, inquiry: 3 }],
  ]);
  expect([writer.queued, writer.lost]).toEqual([0, 0]);
});
