import type { Params } from '../../control/handlers.ts';
import type { ControlHandlers } from '../../control/server.ts';
import { ControlError } from '../../control/server.ts';
import type { FlowId, UnixMs } from '../../model/brand.ts';
import { parseFilter } from '../../model/filter/filter.ts';
import type { FlowRecord } from '../../model/flow.ts';
import type { Subject } from '../../model/subject.ts';
import { type Explained, explain, subjectOf } from '../../policy/explain.ts';
import { type RuleChange, type RuleOutcome, type RuleUpdate, rulesOf } from '../../rules/rule-book.ts';
import type { Controlled } from './controlled.ts';
import { judgeHandlers } from './judge-handlers.ts';
import { listHandlers } from './list-handlers.ts';
import { recordOf, subjectOfRecord, whyFlow } from './why.ts';

/** Undo steps kept a client. */
const UNDO_MAX = 100;

/** What the engine answers to each message of the control socket. */
export function controlHandlers(engine: Controlled): ControlHandlers {
  const undo = new WeakMap<object, RuleChange[]>();
  const remember = (connection: object, change: RuleChange): void => {
    const changes = undo.get(connection) ?? [];
    changes.push(change);
    if (changes.length > UNDO_MAX) changes.shift();
    undo.set(connection, changes);
  };
  const addRules = async (
    rules: Params<'rules.add'>['rules'],
    origin: Params<'rules.add'>['origin'],
    connection: object,
  ) => {
    const { change, settled } = inForce(await engine.rules.add(rules, origin, Date.now() as UnixMs));
    remember(connection, change);
    return { rules: rulesOf(change.added), ...(await settled) };
  };
  return {
    status: () => engine.status(),
    subscribe: async ({ as, filter, backlog }, connection) => {
      const matches = filterOf(filter);
      // Events wait until this is answered, so nothing falls between the backlog and the first of them.
      connection.subscribe(as, matches);
      if (as === 'screen') engine.asking.questions.arrived();
      const flows =
        backlog === 0
          ? []
          : await recent(engine, { limit: backlog, after: null, sinceMs: null, filter: matches });
      return { flows, status: engine.status() };
    },
    flows: async ({ sinceMs, filter, limit, after }) => {
      const flows = await recent(engine, { sinceMs, limit: limit + 1, after, filter: filterOf(filter) });
      const more = flows.length > limit;
      // Without a place to start from the latest are meant, and they stand last.
      const latest = after === null && sinceMs === null;
      return { flows: latest ? flows.slice(-limit) : flows.slice(0, limit), more };
    },
    explainFlow: async ({ flow }) => explainRecord(engine, await recordOf(engine, flow as FlowId)),
    why: async ({ flow }) => whyFlow(engine, await recordOf(engine, flow as FlowId)),
    explain: ({ host, port, app, user }) => {
      const asked = subjectOf({ target: host, port, app, user }, Date.now() as UnixMs, (name) =>
        engine.decider.domainOf(name),
      );
      if (!asked.ok) throw new ControlError('bad_request', asked.error);
      return explainNow(engine, asked.value);
    },
    'rules.list': () => ({ rules: engine.rules.all() }),
    'rules.add': ({ rules, origin }, connection) => addRules(rules, origin, connection),
    'rules.remove': async ({ rule }, connection) => {
      const { change, settled } = inForce(await engine.rules.remove(rule));
      remember(connection, change);
      return { rules: rulesOf(change.removed), saved: (await settled).saved };
    },
    'rules.undo': async (_params, connection) => {
      const last = undo.get(connection)?.pop();
      if (last === undefined) throw new ControlError('not_found', 'nothing to undo');
      engine.feedback.unlearn(rulesOf(last.added));
      const { change, settled } = await engine.rules.undo(last);
      const { added, removed } = change;
      return { added: rulesOf(added), removed: rulesOf(removed), saved: (await settled).saved };
    },
    'feedback.list': () => ({ examples: engine.feedback.list() }),
    'feedback.forget': async ({ host }) => {
      const forgotten = engine.feedback.forget(host);
      await engine.policyChanged();
      return { forgotten };
    },
    'feedback.reset': async () => {
      const forgotten = engine.feedback.reset();
      await engine.policyChanged();
      return { forgotten };
    },
    ...listHandlers(engine.lists),
    ...judgeHandlers(engine, async (rules, connection) => {
      const { rules: made, saved } = await addRules(rules, 'screen', connection);
      return { ids: made.map((rule) => rule.id), saved };
    }),
    probe: () => engine.probe(),
    shutdown: () => {
      engine.shutdown();
      return { stopping: true };
    },
  };
}

function filterOf(text: string): (flow: FlowRecord) => boolean {
  const filter = parseFilter(text);
  if (!filter.ok) throw new ControlError('bad_request', filter.error);
  return filter.matches;
}

function inForce(outcome: RuleOutcome): RuleUpdate {
  if (!outcome.ok) throw new ControlError('bad_request', outcome.error);
  return outcome;
}

/** Flows of the ledger; those still open with the bytes they have moved by now. */
async function recent(
  engine: Controlled,
  query: Parameters<Controlled['ledger']['flows']>[0],
): Promise<FlowRecord[]> {
  const flows = await engine.ledger.flows(query);
  return flows.map((flow) => engine.acceptor.flows.get(flow.id)?.recordIfDecided() ?? flow);
}

/** The steps as they would fall today, under the verdict that fell then. */
function explainRecord(engine: Controlled, flow: FlowRecord): Explained {
  const today = explainNow(engine, { ...subjectOfRecord(engine, flow), now: Date.now() as UnixMs });
  const { target, verdict, mode, effect, defaulted } = flow;
  return { ...today, target, verdict, mode, effect, defaulted };
}

function explainNow(engine: Controlled, subject: Subject): Explained {
  const { decider, asking } = engine;
  return explain(subject, decider.policy, decider, (verdict) => asking.canAsk(verdict, subject));
}
