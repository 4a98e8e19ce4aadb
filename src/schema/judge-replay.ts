import { z } from 'zod';
import { inquirySchema } from './judge.ts';

const { id, model, promptVersion, outcome } = inquirySchema.shape;

const runSchema = z.object({ inquiry: id, model, promptVersion, outcome });

/** What `judge replay --json` prints; put together by the command. */
export const judgeReplaySchema = z.object({
  agree: z.boolean().describe('both came to the same verdict'),
  before: runSchema.describe('the inquiry as it was recorded'),
  after: runSchema.describe('the same with the model of today, recorded too: `judge show` has all of it'),
});
export type JudgeReplay = z.infer<typeof judgeReplaySchema>;
