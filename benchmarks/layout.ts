import { performance } from 'node:perf_hooks';
import { type LayoutNode, layOut } from '../packages/console/src/graph/layout.ts';

/** How long the console takes to lay out a graph of lineage; the goal is a second for 10,000. No peer. */
const sizes = [1_000, 10_000, 50_000] as const;
const rounds = 5;

const shapes: Readonly<Record<string, (size: number) => readonly LayoutNode[]>> = {
  chain: (size) => nodes(size, (at) => (at === 0 ? [] : [at - 1])),
  'after three of the last hundred': (size) =>
    nodes(size, (at) => (at < 100 ? [] : [at - 100, at - 63, at - 39])),
  'after one close by and one far away': (size) =>
    nodes(size, (at) => (at < 20 ? [] : [at - 20, (at * 7919) % (at - 19)])),
};

function nodes(size: number, after: (at: number) => readonly number[]): readonly LayoutNode[] {
  return Array.from({ length: size }, (_, at) => ({
    id: `n${at}`,
    upstream: after(at).map((from) => `n${from}`),
  }));
}

for (const [shape, make] of Object.entries(shapes)) {
  for (const size of sizes) {
    const graph = make(size);
    const times = Array.from({ length: rounds }, () => {
      const begun = performance.now();
      layOut(graph);
      return performance.now() - begun;
    }).sort((one, two) => one - two);
    const [median, most] = [times[Math.floor(rounds / 2)]!, times.at(-1)!];
    console.log(`${size} nodes, ${shape}: ${median.toFixed(0)} ms, at most ${most.toFixed(0)} ms`);
  }
}
