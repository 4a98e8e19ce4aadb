import { ListReader, type ListSink, type ReadCounts, type ReadOptions } from '../../policy/lists/reader.ts';
import { readListFile } from './list-file.ts';
import type { ListInput } from './list-input.ts';

/**
 * Reads a list into a sink: twice when it cancels rules of its own, since they may stand before or behind what cancels them.
 * Throws when its file cannot be read; what its lines hold never makes it throw.
 */
export function readList<S extends ListSink>(
  input: ListInput,
  makeSink: () => S,
): { readonly counts: ReadCounts; readonly sink: S } {
  const read = (options: Partial<ReadOptions>) => {
    const sink = makeSink();
    const reader = new ListReader(input.format, sink, { providers: input.kind === 'provider', ...options });
    readListFile(input, (bytes) => reader.push(bytes));
    return { counts: reader.end(), sink, cancels: reader.cancels };
  };
  const first = read({});
  return first.cancels.size === 0 ? first : read({ cancelled: first.cancels });
}
