import { ControlError, type ControlHandlers } from '../../src/control/server.ts';
import { sampleStatus } from './sample-status.ts';

/** A small engine: enough of every method to tell what the socket makes of it. */
export function handlers(over: Partial<ControlHandlers> = {}): ControlHandlers {
  const explanation = {
    target: { host: null, ip: null, port: 443 },
    owner: null,
    verdict: { kind: 'allow', stage: 'rules', reason: 'rule', evidence: [] },
    mode: 'enforce',
    effect: 'forward',
    defaulted: false,
    steps: [],
  } as const;
  return {
    status: () => sampleStatus(),
    subscribe: ({ as }, connection) => {
      connection.subscribe(as, () => true);
      return { flows: [], status: sampleStatus() };
    },
    flows: () => ({ flows: [], more: false }),
    explainFlow: ({ flow }) => {
      throw new ControlError('not_found', `no flow ${flow}`);
    },
    explain: ({ host, port }) => ({ ...explanation, target: { host, ip: null, port } }),
    'rules.list': () => ({ rules: [] }),
    'rules.add': () => ({ rules: [], saved: true, resetFlows: 0 }),
    'rules.remove': () => {
      throw new Error('the disk is on fire');
    },
    why: ({ flow }) => {
      throw new ControlError('not_found', `no flow ${flow} in the ledger`);
    },
    'rules.undo': () => ({ added: [], removed: [], saved: true }),
    'feedback.list': () => ({ examples: [] }),
    'feedback.forget': () => ({ forgotten: false }),
    'feedback.reset': () => ({ forgotten: 0 }),
    'lists.status': () => ({ lists: [] }),
    'lists.switch': () => ({ resetFlows: 0 }),
    'lists.update': () => ({ results: [], resetFlows: 0 }),
    'lists.search': () => ({ hits: [] }),
    'lists.add': () => ({ resetFlows: 0 }),
    'lists.remove': () => ({ resetFlows: 0 }),
    'lists.diff': ({ name }) => {
      throw new ControlError('not_found', `no update of ${name}`);
    },
    'judge.list': () => ({ inquiries: [], more: false }),
    'judge.show': ({ inquiry }) => {
      throw new ControlError('not_found', `there is no inquiry ${inquiry}`);
    },
    'judge.replay': ({ inquiry }) => {
      throw new ControlError('not_found', `there is no inquiry ${inquiry}`);
    },
    'judge.check': () => {
      throw new ControlError('refused', 'no server is configured');
    },
    'judge.learned': () => ({ verdicts: [], more: 0 }),
    'judge.forget': ({ domain }) => ({ forgotten: false, domain }),
    'questions.list': () => ({ questions: [] }),
    'questions.answer': () => ({ answered: 0, rule: null, saved: true }),
    present: () => ({ present: true }),
    probe: () => ({ state: 'enforced', probedAt: 1, detail: null }),
    shutdown: () => ({ stopping: true }),
    ...over,
  };
}
