import { digamma } from '@backlot/compute';
import type { SparseMatrix } from '../matrix.ts';

const mostSweeps = 200;

/** exp(E[log p]) for each row of Dirichlet parameters (rows x width). */
export function expectedLogs(parameters: Float64Array, width: number): Float64Array {
  const out = new Float64Array(parameters.length);
  for (let start = 0; start < parameters.length; start += width) {
    let total = 0;
    for (let at = start; at < start + width; at++) total += parameters[at]!;
    const base = digamma(total);
    for (let at = start; at < start + width; at++)
      out[at] = Math.exp(digamma(parameters[at]!) - base);
  }
  return out;
}

/**
 * The variational posterior of one document's topics (Hoffman, Blei and Bach 2010, algorithm 2, the inner loop): fills
 * `gamma` (topics) from 1 on, and adds the document's share of words to `statistics` (topics x words) if given.
 */
export function inferDocument(
  counts: SparseMatrix,
  row: number,
  words: Float64Array,
  prior: number,
  gamma: Float64Array,
  statistics?: Float64Array,
): void {
  const topics = gamma.length;
  const { columns, indices, values } = counts;
  const [from, to] = [counts.offsets[row]!, counts.offsets[row + 1]!];
  gamma.fill(1);
  let theta = expectedLogs(gamma, topics);
  const ratio = new Float64Array(to - from);
  const norm = (): void => {
    for (let at = from; at < to; at++) {
      let sum = 1e-100;
      for (let k = 0; k < topics; k++) sum += theta[k]! * words[k * columns + indices[at]!]!;
      ratio[at - from] = values[at]! / sum;
    }
  };
  norm();
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    let change = 0;
    for (let k = 0; k < topics; k++) {
      let sum = 0;
      for (let at = from; at < to; at++)
        sum += ratio[at - from]! * words[k * columns + indices[at]!]!;
      const next = prior + theta[k]! * sum;
      change += Math.abs(next - gamma[k]!);
      gamma[k] = next;
    }
    theta = expectedLogs(gamma, topics);
    norm();
    if (change < 1e-6 * topics) break;
  }
  if (!statistics) return;
  for (let k = 0; k < topics; k++) {
    for (let at = from; at < to; at++) {
      const word = k * columns + indices[at]!;
      statistics[word]! += theta[k]! * ratio[at - from]! * words[word]!;
    }
  }
}
