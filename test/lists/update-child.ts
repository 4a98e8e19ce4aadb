import { configSchema } from '../../src/config/schema.ts';
import { ListControl } from '../../src/lists/list-control.ts';
import { loadLists } from '../../src/lists/loaded-lists.ts';
import { DOWNLOAD_LIMITS } from '../../src/lists/update/download.ts';

// Updates a list over and over until it is killed: the program of the kill test.
const [stateDir = '', url = ''] = process.argv.slice(2);
const lists = await loadLists(configSchema.parse({}).lists, { stateDir });
const control = new ListControl(lists, { limits: DOWNLOAD_LIMITS, allowPrivate: true });
if (!lists.book.state.sources.some((source) => source.name === 'feed')) {
  await control.add({ at: url, category: 'malware', name: 'feed' });
}
process.stdout.write('ready\n');
for (;;) {
  await control.update({ names: ['feed'], force: false });
  process.stdout.write('updated\n');
}
