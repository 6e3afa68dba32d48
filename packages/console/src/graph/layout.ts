/** A node of a graph to lay out; edges point from `upstream` to it. */
export interface LayoutNode {
  readonly id: string;
  readonly upstream: readonly string[];
}

interface Placed {
  readonly id: string;
  /** Its column, counted from the left. */
  readonly layer: number;
  /** Its row in the column; halves keep columns of different heights centred. */
  readonly row: number;
}

export interface Layout {
  readonly nodes: ReadonlyMap<string, Placed>;
  readonly edges: readonly (readonly [string, string])[];
  readonly layers: number;
  readonly rows: number;
  /** Steps taken over nodes and edges: the layout's cost without a clock. */
  readonly operations: number;
}

const sweeps = 4;

/**
 * A layered layout from left to right: each node stands one column after its longest path, and
 * sweeps order each column by the mean row of its neighbours. Linear in nodes and edges but for
 * the sorting of columns. Names that nothing defines, and edges that close a ring, are left out.
 */
export function layOut(nodes: readonly LayoutNode[]): Layout {
  let operations = 0;
  const index = new Map(nodes.map((node, at) => [node.id, at] as const));
  const upstream = nodes.map((node) =>
    [...new Set(node.upstream)].flatMap((id) => index.get(id) ?? []),
  );
  const downstream: number[][] = nodes.map(() => []);
  upstream.forEach((parents, at) => {
    for (const parent of parents) downstream[parent]!.push(at);
    operations += 1 + parents.length;
  });
  const layerOf = longestPaths(upstream, downstream, () => operations++);
  const layers: number[][] = [];
  layerOf.forEach((layer, at) => {
    layers[layer] ??= [];
    layers[layer].push(at);
  });
  const position = new Float64Array(nodes.length);
  const settle = (layer: readonly number[]): void =>
    layer.forEach((at, row) => {
      position[at] = row - (layer.length - 1) / 2;
    });
  for (const layer of layers) settle(layer);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const forward = sweep % 2 === 0;
    const order = forward ? layers : layers.toReversed();
    const neighbours = forward ? upstream : downstream;
    for (const layer of order) {
      const means = new Map(
        layer.map((at) => {
          operations += 1 + neighbours[at]!.length;
          return [at, mean(neighbours[at]!, position) ?? position[at]!] as const;
        }),
      );
      layer.sort((one, two) => means.get(one)! - means.get(two)! || one - two);
      settle(layer);
    }
  }
  const rows = Math.max(1, ...layers.map((layer) => layer.length));
  const middle = (rows - 1) / 2;
  return {
    nodes: new Map(
      nodes.map((node, at) => [
        node.id,
        { id: node.id, layer: layerOf[at]!, row: position[at]! + middle },
      ]),
    ),
    edges: nodes.flatMap((node, at) =>
      upstream[at]!.filter((parent) => layerOf[parent]! < layerOf[at]!).map(
        (parent) => [nodes[parent]!.id, node.id] as const,
      ),
    ),
    layers: Math.max(layers.length, 1),
    rows,
    operations,
  };
}

/** Kahn's order; each node is seen once and each edge once. What a ring holds back stays in column 0. */
function longestPaths(
  upstream: readonly (readonly number[])[],
  downstream: readonly (readonly number[])[],
  count: () => void,
): number[] {
  const waiting = upstream.map((parents) => parents.length);
  const layer = upstream.map(() => 0);
  const ready = waiting.flatMap((number, at) => (number === 0 ? [at] : []));
  for (let next = 0; next < ready.length; next++) {
    const at = ready[next]!;
    count();
    for (const child of downstream[at]!) {
      count();
      layer[child] = Math.max(layer[child]!, layer[at]! + 1);
      waiting[child]! -= 1;
      if (waiting[child] === 0) ready.push(child);
    }
  }
  return layer.map((value, at) => (waiting[at]! > 0 ? 0 : value));
}

function mean(neighbours: readonly number[], position: Float64Array): number | undefined {
  if (neighbours.length === 0) return undefined;
  return neighbours.reduce((sum, at) => sum + position[at]!, 0) / neighbours.length;
}
