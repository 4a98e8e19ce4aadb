import { inTime } from '../../async/in-time.ts';
import type { Host, RegistrableDomain, UnixMs } from '../../model/brand.ts';
import type { JudgeInput } from '../../model/inquiry.ts';
import type { Subject } from '../../model/subject.ts';
import type { Background } from './ports.ts';

/** How long an inquiry waits for the ledger to say when a program was first seen. */
const FIRST_SEEN_MS = 500;

/** What an inquiry begins with. Never rejects, and waits for no disk: what the ledger does not say in time is not known. */
export async function judgeInput(
  subject: Subject,
  host: Host,
  domain: RegistrableDomain,
  background: Background,
): Promise<JudgeInput> {
  const { name, path, signer, user, parents } = subject.origin;
  const firstSeen = await inTime(background.firstSeen(path), FIRST_SEEN_MS);
  return {
    host,
    domain,
    port: subject.port,
    app: { name, path, signer, user, parents: parents.map((parent) => parent.name), firstSeen },
    scores: background.scores(subject),
    pastBlock: background.pastBlock(host),
    listed: background.listed(host),
    now: Date.now() as UnixMs,
  };
}
