import { rulesFor } from '../../ask/answer-rules.ts';
import { Semaphore } from '../../async/semaphore.ts';
import {
  type ControlConnection,
  ControlError,
  type ControlHandlers,
  type Params,
} from '../../control/handlers.ts';
import { cleanText } from '../../model/clean.ts';
import { normalizeHost } from '../../model/host.ts';
import type { Inquiry } from '../../model/inquiry.ts';
import type { Controlled } from './controlled.ts';

/** Checks and replays under way at once, of all clients. */
const WORK_MAX = 4;

type JudgeMethod = Extract<keyof ControlHandlers, `judge.${string}` | `questions.${string}` | 'present'>;

/** Adds rules on behalf of a client, and remembers how to take them back. */
export type AddRules = (
  rules: Params<'rules.add'>['rules'],
  connection: ControlConnection,
) => Promise<{ readonly ids: readonly string[]; readonly saved: boolean }>;

/** What the engine answers to messages about the judge and the open questions. */
export function judgeHandlers(engine: Controlled, addRules: AddRules): Pick<ControlHandlers, JudgeMethod> {
  const { judging, questions } = engine.asking;
  const places = new Semaphore(WORK_MAX, 0);
  const work = async <T>(
    connection: ControlConnection,
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    if (places.isFull) throw new ControlError('refused', `${WORK_MAX} checks or replays are under way`);
    const end = new AbortController();
    connection.onClose(() => end.abort());
    return places.run(() => run(end.signal));
  };
  return {
    'judge.list': async ({ limit, before }) => {
      const inquiries = await engine.ledger.inquiries({ limit: limit + 1, before });
      return { inquiries: inquiries.slice(0, limit), more: inquiries.length > limit };
    },
    'judge.show': async ({ inquiry }) => ({ inquiry: await inquiryOf(engine, inquiry) }),
    'judge.replay': async ({ inquiry }, connection) => {
      const recorded = await inquiryOf(engine, inquiry);
      return { inquiry: await work(connection, (signal) => judging.replay(recorded, signal)) };
    },
    'judge.check': (_params, connection) => {
      // A key file that was put right counts from now on.
      judging.configure(engine.config);
      return work(connection, (signal) => judging.check(signal));
    },
    'judge.learned': ({ limit }) => {
      const verdicts = judging.learned();
      return { verdicts: verdicts.slice(0, limit), more: Math.max(0, verdicts.length - limit) };
    },
    'judge.forget': async ({ domain }) => {
      const host = normalizeHost(domain);
      const registrable = host === null ? null : engine.decider.domainOf(host);
      if (registrable === null)
        throw new ControlError('bad_request', `"${cleanText(domain, 60)}" is no registrable domain`);
      const forgotten = judging.forget(registrable);
      await engine.policyChanged();
      return { forgotten, domain: registrable };
    },
    'questions.list': () => ({ questions: questions.list() }),
    'questions.answer': async ({ question, action, scope }, connection) => {
      const open = questions.find(question);
      if (open === null)
        throw new ControlError(
          'not_found',
          'this question is no longer open: it was answered or its time was over',
        );
      questions.arrived();
      if (scope.kind === 'once')
        return { answered: await questions.answerOnce(open, action), rule: null, saved: true };
      const asked = { ...open, programs: questions.programsOf(open) };
      const rules = rulesFor(asked, action, scope, Date.now());
      if (typeof rules === 'string') throw new ControlError('refused', rules);
      const before = new Set(open.waiting.keys());
      const { ids, saved } = await addRules([...rules], connection);
      for (const left of open.waiting.keys()) before.delete(left);
      return { answered: before.size, rule: ids[0] ?? null, saved };
    },
    present: () => {
      questions.arrived();
      return { present: true };
    },
  };
}

async function inquiryOf(engine: Controlled, id: number): Promise<Inquiry> {
  const inquiry = await engine.ledger.inquiry(id);
  if (inquiry === null)
    throw new ControlError('not_found', `no inquiry ${id} in the ledger; see 'resolagent judge list'`);
  return inquiry;
}
