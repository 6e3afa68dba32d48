import { type Coding, type HnswGraph, narrowed } from './hnsw-graph.ts';

/** Rows whose nearest links are looked at, spread over all. */
const sampleRows = 256;
/** Codes between a row and its nearest at the least: rounding moves a distance by 0.4 of them. */
const leastGap = 32;
/** Of the sample; twins have no gap in any coding. */
const leastShare = 0.95;

/**
 * The coding by which a graph is searched: of one byte, which halves the memory that a search goes through,
 * where that still tells rows and their nearest apart, and else that by which it was built.
 */
export function searchCoding(graph: HnswGraph): Coding {
  const { coding, dimensions, rows } = graph;
  if (coding.bytes === 1) return coding;
  const narrow = narrowed(coding, dimensions);
  const step = Math.max(1, Math.floor(rows / sampleRows));
  let [looked, apart] = [0, 0];
  for (let row = 0; row < rows; row += step, looked++) {
    apart += Number(Math.sqrt(nearestGap(graph, row)) * narrow.scale >= leastGap);
  }
  return apart >= leastShare * looked ? narrow : coding;
}

/** The squared distance to the nearest of the linked rows. */
function nearestGap({ dimensions, links, m, vectors }: HnswGraph, row: number): number {
  let least = Infinity;
  for (const other of links.subarray(row * 2 * m, (row + 1) * 2 * m)) {
    if (other < 0) break;
    let sum = 0;
    for (let column = 0; column < dimensions; column++) {
      const gap = vectors[row * dimensions + column]! - vectors[other * dimensions + column]!;
      sum += gap * gap;
    }
    least = Math.min(least, sum);
  }
  return least;
}
