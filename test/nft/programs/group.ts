// Makes the group twice and prints its number both times, then what the check says of it.
import { checkGroup, ensureGroup } from '../../../nft/group.ts';

const [, , name = ''] = process.argv;
const [first, second] = [await ensureGroup(name), await ensureGroup(name)];
process.stdout.write(JSON.stringify({ first, second, check: await checkGroup(name) }));
