import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Brandless } from '../../../tui/transcript/text.ts';
import type { Transcript } from '../../../tui/transcript/transcript.ts';
import type { InquirySummary, KeptVerdictReport } from '../../schema/judge.ts';
import { connectIfRunning } from '../engine/connect.ts';
import { pathsOf } from '../options.ts';
import { CommandError, EXIT } from '../print.ts';

/** A verdict that is kept, the engine's own or one that came over the socket. */
export type Kept = Brandless<KeptVerdictReport>;

/** What the judge did, wherever it is read from. Every list is newest first. */
export interface JudgeRecords {
  /** Inquiries with an id below `before`; `more` when there are older ones. */
  list(
    limit: number,
    before: number | null,
  ): Promise<{ readonly inquiries: readonly InquirySummary[]; readonly more: boolean }>;
  /** Ends the command when there is no such inquiry. */
  show(id: number): Promise<Transcript>;
  /** The verdicts that have not expired; `more` is how many older ones were left out. */
  learned(limit: number): Promise<{ readonly verdicts: readonly Kept[]; readonly more: number }>;
}

/** Reads for one task: from the running engine, or from the ledger itself when none runs. */
export async function withRecords(
  command: Command,
  task: (records: JudgeRecords) => Promise<void>,
): Promise<void> {
  const paths = pathsOf(command);
  const client = await connectIfRunning(paths.socket);
  if (client === null) return task(await ofFile(paths.state));
  try {
    await task({
      list: (limit, before) => client.request('judge.list', { limit, before }),
      show: async (id) => (await client.request('judge.show', { inquiry: id })).inquiry,
      learned: (limit) => client.request('judge.learned', { limit }),
    });
  } finally {
    client.close();
  }
}

async function ofFile(state: string): Promise<JudgeRecords> {
  const path = join(state, 'ledger.db');
  if (!existsSync(path)) throw new CommandError(EXIT.no, `no ledger in ${state}: no engine ran here yet`);
  const { readInquiries, readInquiry, readVerdicts } = await import('../../ledger/ledger-file.ts');
  return {
    list: async (limit, before) => {
      const inquiries = readInquiries(path, before, limit + 1);
      return { inquiries: inquiries.slice(0, limit), more: inquiries.length > limit };
    },
    show: async (id) => {
      const inquiry = readInquiry(path, id);
      if (inquiry === null)
        throw new CommandError(EXIT.no, `no inquiry ${id} in the ledger; see 'resolagent judge list'`);
      return inquiry;
    },
    learned: async (limit) => {
      const verdicts = readVerdicts(path, Date.now());
      return { verdicts: verdicts.slice(0, limit), more: Math.max(0, verdicts.length - limit) };
    },
  };
}
