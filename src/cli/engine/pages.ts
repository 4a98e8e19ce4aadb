/** One page of a listing; `more` when others follow it. */
interface Page<T> {
  readonly items: readonly T[];
  readonly more: boolean;
}

/** At most `limit` items of a listing that is asked for page by page, each of at most `pageMax` and behind the id of the last item. */
export async function* pagesOf<T extends { readonly id: number }>(
  limit: number,
  pageMax: number,
  ask: (limit: number, behind: number | null) => Promise<Page<T>>,
): AsyncGenerator<T> {
  let behind: number | null = null;
  for (let left = limit; left > 0; ) {
    const { items, more }: Page<T> = await ask(Math.min(pageMax, left), behind);
    yield* items;
    left -= items.length;
    behind = items.at(-1)?.id ?? null;
    if (!more || behind === null) return;
  }
}
