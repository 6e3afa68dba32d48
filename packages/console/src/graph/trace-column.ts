import type { ColumnSource, Lineage } from '../api-types.ts';

/** A column somewhere up or down the graph from the one that is looked at. */
export interface TracedColumn extends Omit<ColumnSource, 'masking'> {
  readonly masking: boolean;
  /** How many jobs lie between. */
  readonly steps: number;
  readonly way: 'up' | 'down';
}

/**
 * All columns that a column is made from, and all that are made from it, nearest first. Columns that
 * decide which rows a data set has are among its sources.
 */
export function traceColumn(
  lineage: Pick<Lineage, 'edges'>,
  dataset: string,
  column: string,
): readonly TracedColumn[] {
  const up = new Map<string, readonly Hop[]>();
  const down = new Map<string, readonly Hop[]>();
  const put = (to: Map<string, readonly Hop[]>, key: string, hop: Hop): void => {
    to.set(key, [...(to.get(key) ?? []), hop]);
  };
  for (const { target, columns: made } of lineage.edges) {
    for (const [name, sources] of Object.entries(made?.columns ?? {})) {
      for (const source of [...sources, ...(made?.rows ?? [])]) {
        const { type, subtype, masking } = source;
        put(up, keyOf(target, name), source);
        put(down, keyOf(source.dataset, source.column), {
          ...{ dataset: target, column: name, type, subtype, masking },
        });
      }
    }
  }
  return [...walk(up, dataset, column, 'up'), ...walk(down, dataset, column, 'down')];
}

type Hop = ColumnSource;

function walk(
  hops: ReadonlyMap<string, readonly Hop[]>,
  dataset: string,
  column: string,
  way: TracedColumn['way'],
): readonly TracedColumn[] {
  const seen = new Set([keyOf(dataset, column)]);
  const found: TracedColumn[] = [];
  let frontier = [keyOf(dataset, column)];
  for (let steps = 1; frontier.length > 0; steps++) {
    const next: string[] = [];
    for (const hop of frontier.flatMap((key) => hops.get(key) ?? [])) {
      const key = keyOf(hop.dataset, hop.column);
      if (seen.has(key)) continue;
      seen.add(key);
      next.push(key);
      found.push({ ...hop, steps, way });
    }
    frontier = next;
  }
  return found;
}

function keyOf(dataset: string, column: string): string {
  return `${dataset} ${column}`;
}
