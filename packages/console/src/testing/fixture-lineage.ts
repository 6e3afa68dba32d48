import type { ColumnSource, Lineage, LineageNode } from '../api-types.ts';

const own = 'backlot://lumen-media';
const id = (kind: string, namespace: string, name: string): string =>
  [kind, namespace, name].map(encodeURIComponent).join('/');
const table = (name: string): string => id('dataset', own, name);
const job = (name: string): string => id('job', own, name);

/** The graph of the story, or a great one to see that it stands. */
export function lineage(now: number, query: URLSearchParams): Lineage {
  const columns = query.get('columns') === 'yes';
  const whole = story(now);
  const focus = query.get('node');
  const steps = { up: Number(query.get('up') ?? 4), down: Number(query.get('down') ?? 4) };
  const kept = focus === null ? undefined : around(whole, focus, steps);
  return {
    nodes: whole.nodes
      .filter((node) => kept?.has(node.id) ?? true)
      .map((node) => (columns ? node : { ...node, fields: [] })),
    edges: whole.edges
      .filter(({ source, target }) => !kept || (kept.has(source) && kept.has(target)))
      .map((edge) => (columns ? edge : { source: edge.source, target: edge.target })),
    truncated: false,
  };
}

/** Ten thousand data sets in layers of a hundred, each after three of the layer before. */
export function largeLineage(now: number): Lineage {
  const at = (number: number): string => table(`n${number}`);
  const nodes = Array.from(
    { length: 10_000 },
    (_, number): LineageNode => ({
      ...{ id: at(number), kind: 'dataset', namespace: own, name: `n${number}` },
      ...{ external: false, fields: [], at: now },
    }),
  );
  const edges = nodes.slice(100).flatMap((node, number) =>
    [0, 37, 61].map((step) => ({
      source: at(number - (number % 100) + ((number + step) % 100)),
      target: node.id,
    })),
  );
  return { nodes, edges, truncated: false };
}

function around(
  { edges }: Lineage,
  focus: string,
  steps: { readonly up: number; readonly down: number },
): ReadonlySet<string> {
  const walk = (count: number, from: 'source' | 'target', to: 'source' | 'target') => {
    let found = new Set([focus]);
    for (let step = 0; step < count; step++) {
      const next = edges.filter((edge) => found.has(edge[from])).map((edge) => edge[to]);
      if (next.every((each) => found.has(each))) break;
      found = new Set([...found, ...next]);
    }
    return found;
  };
  return new Set([...walk(steps.up, 'target', 'source'), ...walk(steps.down, 'source', 'target')]);
}

function story(now: number): Lineage {
  const nodes: LineageNode[] = [];
  const put = (
    kind: LineageNode['kind'],
    name: string,
    rest: Partial<LineageNode> = {},
  ): string => {
    const namespace = rest.namespace ?? own;
    const made = { kind, namespace, name, external: namespace !== own, fields: [], at: now };
    nodes.push({ ...made, ...rest, id: id(kind, namespace, name) });
    return id(kind, namespace, name);
  };
  const fields = (...names: readonly string[]) => names.map((name) => ({ name, type: 'text' }));
  const playsFields = fields('account', 'item', 'storefront', 'msPlayed', 'playedAt');
  const file = put('dataset', 'plays', { namespace: 'provider://player', fields: playsFields });
  const catalogue = put('dataset', 'catalogue', { namespace: 'provider://editorial' });
  const raw = put('dataset', '/lake/ratings', {
    namespace: 'hdfs://lake',
    fields: fields('who', 'sku', 'stars'),
  });
  put('job', 'deliver.file', { state: 'COMPLETE' });
  put('job', 'nightly-ratings', { namespace: 'spark', state: 'FAIL' });
  put('job', 'daily-recommend.listened', { state: 'COMPLETE' });
  put('job', 'daily-recommend.fit', { state: 'RUNNING' });
  put('dataset', 'plays', { fields: playsFields });
  put('dataset', 'items', { fields: fields('item', 'title', 'genres') });
  put('dataset', 'ratings', { fields: fields('account', 'item', 'stars') });
  put('dataset', 'listened', { fields: fields('account', 'item', 'listened') });
  put('dataset', 'als-film', { fields: [] });
  const from = (dataset: string, column: string, subtype = 'IDENTITY'): ColumnSource => ({
    ...{ dataset, column, subtype, masking: column === 'account' && dataset === file },
    type: ['IDENTITY', 'TRANSFORMATION', 'AGGREGATION'].includes(subtype) ? 'DIRECT' : 'INDIRECT',
  });
  const same = (source: string, names: readonly { readonly name: string }[]) => ({
    columns: Object.fromEntries(names.map(({ name }) => [name, [from(source, name)]])),
    rows: [],
  });
  const spark = id('job', 'spark', 'nightly-ratings');
  return {
    nodes,
    edges: [
      { source: file, target: job('deliver.file') },
      { source: catalogue, target: job('deliver.file') },
      { source: job('deliver.file'), target: table('plays'), columns: same(file, playsFields) },
      { source: job('deliver.file'), target: table('items') },
      { source: raw, target: spark },
      {
        ...{ source: spark, target: table('ratings') },
        columns: {
          columns: {
            account: [from(raw, 'who')],
            item: [from(raw, 'sku')],
            stars: [from(raw, 'stars', 'TRANSFORMATION')],
          },
          rows: [from(raw, 'stars', 'FILTER')],
        },
      },
      { source: table('plays'), target: job('daily-recommend.listened') },
      { source: table('items'), target: job('daily-recommend.listened') },
      {
        ...{ source: job('daily-recommend.listened'), target: table('listened') },
        columns: {
          columns: {
            account: [from(table('plays'), 'account')],
            item: [from(table('plays'), 'item')],
            listened: [from(table('plays'), 'msPlayed', 'AGGREGATION')],
          },
          rows: [
            from(table('plays'), 'msPlayed', 'FILTER'),
            from(table('items'), 'item', 'JOIN'),
            from(table('plays'), 'account', 'GROUP_BY'),
          ],
        },
      },
      { source: table('listened'), target: job('daily-recommend.fit') },
      { source: table('ratings'), target: job('daily-recommend.fit') },
      { source: job('daily-recommend.fit'), target: table('als-film') },
    ],
    truncated: false,
  };
}
