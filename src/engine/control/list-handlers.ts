import { ControlError, type ControlHandlers } from '../../control/server.ts';
import type { ListKeeper } from '../../lists/keeper.ts';
import type { UpdateResult } from '../../lists/update/job.ts';
import { cleanText } from '../../model/clean.ts';
import type { ListUpdate } from '../../schema/list.ts';

type ListMethod = Extract<keyof ControlHandlers, `lists.${string}`>;

/** What the engine answers about its lists. */
export function listHandlers(keeper: ListKeeper): Pick<ControlHandlers, ListMethod> {
  const change: ListKeeper['change'] = (make) =>
    keeper.change(make).catch((error: Error) => {
      throw new ControlError('bad_request', error.message);
    });
  return {
    'lists.status': () => ({ lists: keeper.status() }),
    'lists.switch': async ({ name, on }) => ({
      resetFlows: await change((control) => control.switchList(name, on)),
    }),
    'lists.update': async ({ names, force }, connection) => {
      const { results, cut } = await keeper.update({
        names,
        force,
        onProgress: (name, { bytes, totalBytes }) =>
          connection.tell(
            { event: 'list_progress', progress: { name, bytes, totalBytes } },
            'may_be_skipped',
          ),
        onResult: (result) =>
          connection.tell({ event: 'list_updated', result: reportOf(result) }, 'must_arrive'),
      });
      return { results: results.map(reportOf), resetFlows: cut };
    },
    'lists.search': ({ host }) => {
      const hits = keeper.control.search(host);
      if (hits === null) throw new ControlError('bad_request', `"${cleanText(host)}" is not a host name`);
      return { hits };
    },
    'lists.add': async ({ at, category, name }) => ({
      resetFlows: await change((control) =>
        control.add({ at, category, ...(name === null ? {} : { name }) }),
      ),
    }),
    'lists.remove': async ({ name }) => ({ resetFlows: await change((control) => control.remove(name)) }),
    'lists.diff': ({ name }) => {
      const diff = keeper.control.diff(name);
      if (diff === null)
        throw new ControlError('not_found', `there is no record of an update of ${cleanText(name)}`);
      return diff;
    },
  };
}

function reportOf({ name, outcome, entries, added, removed, error }: UpdateResult): ListUpdate {
  return { name, outcome, entries, added, removed, error };
}
