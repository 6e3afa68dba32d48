/** What a ranking is held to: the first so many places count in the pairs that are looked at. */
const truncation = 30;
const mostGrade = 30;

/**
 * The gradients and hessians of LambdaMART (Burges 2010) at the scores: each pair of rows of a query whose
 * grades differ pulls at both by how much NDCG would change if they changed places, over how far apart
 * their scores are, and each query's pulls are scaled by the logarithm of their sum, as LightGBM has it.
 */
export function lambdaGradients(
  { target, groups }: { readonly target: Float64Array; readonly groups: Int32Array },
  scores: Float64Array,
  gradients: Float64Array,
  hessians: Float64Array,
): void {
  gradients.fill(0);
  hessians.fill(0);
  let start = 0;
  for (const size of groups) {
    const rows = Array.from({ length: size }, (_, at) => start + at);
    rows.sort((a, b) => scores[b]! - scores[a]! || a - b);
    queryGradients(rows, target, scores, gradients, hessians);
    start += size;
  }
}

const gains = Float64Array.from({ length: mostGrade + 1 }, (_, grade) => 2 ** grade - 1);

function queryGradients(
  rows: readonly number[],
  target: Float64Array,
  scores: Float64Array,
  gradients: Float64Array,
  hessians: Float64Array,
): void {
  const ideal = idealGain(rows, target);
  if (ideal === 0) return;
  const spread = scores[rows[0]!]! !== scores[rows.at(-1)!]!;
  let total = 0;
  for (let i = 0; i < Math.min(truncation, rows.length - 1); i++) {
    for (let j = i + 1; j < rows.length; j++) {
      const [a, b] = [rows[i]!, rows[j]!];
      if (target[a] === target[b]) continue;
      const [high, low] = target[a]! > target[b]! ? [a, b] : [b, a];
      const apart = scores[high]! - scores[low]!;
      const discount = Math.abs(1 / Math.log2(i + 2) - 1 / Math.log2(j + 2));
      let change = ((gains[target[high]!]! - gains[target[low]!]!) * discount) / ideal;
      if (spread) change /= 0.01 + Math.abs(apart);
      const share = 1 / (1 + Math.exp(apart));
      const pull = share * change;
      const bend = share * (1 - share) * change;
      gradients[high]! -= pull;
      gradients[low]! += pull;
      hessians[high]! += bend;
      hessians[low]! += bend;
      total += 2 * pull;
    }
  }
  if (total === 0) return;
  const factor = Math.log2(1 + total) / total;
  for (const row of rows) {
    gradients[row]! *= factor;
    hessians[row]! *= factor;
  }
}

function idealGain(rows: readonly number[], target: Float64Array): number {
  const grades = rows.map((row) => target[row]!).sort((a, b) => b - a);
  return grades
    .slice(0, truncation)
    .reduce((sum, grade, at) => sum + gains[grade]! / Math.log2(at + 2), 0);
}
