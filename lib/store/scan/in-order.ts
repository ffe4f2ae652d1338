/** Works on `ahead` items at a time, which are taken when there is room, and gives the results in the items' order. */
export async function* inOrder<Item, Result>(
  items: Iterable<Item>,
  ahead: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<{ item: Item; result: Result }> {
  const begun: Array<{ item: Item; result: Promise<Result> }> = [];
  for (const item of items) {
    const result = work(item);
    // Whoever is not awaited any more must not end the process with its failure.
    result.catch(() => {});
    begun.push({ item, result });
    if (begun.length >= ahead) yield* first(begun);
  }
  while (begun.length > 0) yield* first(begun);
}

async function* first<Item, Result>(
  begun: Array<{ item: Item; result: Promise<Result> }>,
): AsyncGenerator<{ item: Item; result: Result }> {
  const next = begun.shift();
  if (next) yield { item: next.item, result: await next.result };
}
