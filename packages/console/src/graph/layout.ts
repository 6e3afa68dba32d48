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
  readonly edges: readonly LayoutEdge[];
  readonly layers: number;
  readonly rows: number;
  /** Steps taken over nodes and edges: the layout's cost without a clock. */
  readonly operations: number;
}

/** An edge with the rows in which it passes the columns between its ends, from left to right. */
type LayoutEdge = readonly [start: string, end: string, via: readonly number[]];

const sweeps = 4;
/** So many bends for each node: beyond, long edges go straight, so that the cost stays linear. */
const bendsPerNode = 3;

/**
 * A layered layout from left to right: each node stands one column after its longest path, and
 * sweeps order each column by the mean row of its neighbours. An edge over several columns has a
 * place of its own in each, so that it passes between nodes, not behind them. Linear in nodes and
 * edges but for the sorting of columns. Names that nothing defines, and edges that close a ring,
 * are left out.
 */
export function layOut(nodes: readonly LayoutNode[]): Layout {
  const steps = { taken: 0 };
  const index = new Map(nodes.map((node, at) => [node.id, at] as const));
  const upstream = nodes.map((node) =>
    [...new Set(node.upstream)].flatMap((id) => index.get(id) ?? []),
  );
  const downstream: number[][] = nodes.map(() => []);
  upstream.forEach((parents, at) => {
    for (const parent of parents) downstream[parent]!.push(at);
    steps.taken += 1 + parents.length;
  });
  const layerOf = longestPaths(upstream, downstream, () => steps.taken++);
  const mesh = meshOf(upstream, layerOf);
  const layers: number[][] = [];
  mesh.layerOf.forEach((layer, at) => {
    layers[layer] ??= [];
    layers[layer].push(at);
  });
  const position = orderLayers(layers, mesh, steps);
  const rows = Math.max(1, ...layers.map((layer) => layer.length));
  const row = (at: number): number => position[at]! + (rows - 1) / 2;
  return {
    nodes: new Map(
      nodes.map((node, at) => [node.id, { id: node.id, layer: layerOf[at]!, row: row(at) }]),
    ),
    edges: mesh.edges.map(([start, end, via]) => [
      nodes[start]!.id,
      nodes[end]!.id,
      via.map((at) => row(at)),
    ]),
    layers: Math.max(layers.length, 1),
    rows,
    operations: steps.taken,
  };
}

/** The nodes, then the bends of long edges, with the neighbours of each in the next columns. */
interface Mesh {
  readonly layerOf: readonly number[];
  readonly upstream: readonly (readonly number[])[];
  readonly downstream: readonly (readonly number[])[];
  readonly edges: readonly (readonly [start: number, end: number, via: readonly number[]])[];
}

function meshOf(ends: readonly (readonly number[])[], layers: readonly number[]): Mesh {
  const layerOf = [...layers];
  const upstream: number[][] = ends.map(() => []);
  const downstream: number[][] = ends.map(() => []);
  const edges: [number, number, readonly number[]][] = [];
  const most = ends.length * (1 + bendsPerNode);
  const join = (from: number, to: number): void => {
    upstream[to]!.push(from);
    downstream[from]!.push(to);
  };
  ends.forEach((parents, end) => {
    for (const start of parents) {
      const between = layers[end]! - layers[start]! - 1;
      if (between < 0) continue;
      const via: number[] = [];
      if (layerOf.length + between <= most) {
        for (let bend = 1; bend <= between; bend++) {
          via.push(layerOf.push(layers[start]! + bend) - 1);
          upstream.push([]);
          downstream.push([]);
        }
      }
      const path = [start, ...via, end];
      for (const [at, to] of path.slice(1).entries()) join(path[at]!, to);
      edges.push([start, end, via]);
    }
  });
  return { layerOf, upstream, downstream, edges };
}

/** Sorts each column by the mean row of its neighbours, forth and back; answers centred rows. */
function orderLayers(
  layers: readonly number[][],
  { layerOf, upstream, downstream }: Mesh,
  steps: { taken: number },
): Float64Array {
  const position = new Float64Array(layerOf.length);
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
          steps.taken += 1 + neighbours[at]!.length;
          return [at, mean(neighbours[at]!, position) ?? position[at]!] as const;
        }),
      );
      layer.sort((one, two) => means.get(one)! - means.get(two)! || one - two);
      settle(layer);
    }
  }
  return position;
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
