/** What a ranking is held to: the first so many places count in the pairs that are looked at. */
const truncation = 30;
const mostGrade = 30;
/** More rows than this are not sorted by insertion. */
const fewRows = 64;

const gains = Float64Array.from({ length: mostGrade + 1 }, (_, grade) => 2 ** grade - 1);

/**
 * The gradients and hessians of LambdaMART (Burges 2010): each pair of rows of a query whose grades differ
 * pulls at both by how much NDCG would change if they changed places, over how far apart their scores are,
 * and each query's pulls are scaled by the logarithm of their sum, as LightGBM has it.
 */
export class LambdaGradients {
  readonly #groups: Int32Array;
  readonly #gains: Float64Array;
  /** By query, over the gain of its best order; 0 where no row is better than another. */
  readonly #scales: Float64Array;
  /** By place, what a gain there counts. */
  readonly #discounts: Float64Array;
  /** Rows of each query in the order of the last scores, which is nearly that of the next. */
  readonly #order: Int32Array;
  readonly #scores: Float64Array;
  readonly #own: Float64Array;
  readonly #pulls: Float64Array;
  readonly #bends: Float64Array;

  constructor({
    target,
    groups,
  }: {
    readonly target: Float64Array;
    readonly groups: Int32Array;
  }) {
    this.#groups = groups;
    this.#gains = target.map((grade) => gains[grade]!);
    this.#order = Int32Array.from(target.keys());
    const most = groups.reduce((found, size) => Math.max(found, size), 0);
    this.#discounts = Float64Array.from({ length: most }, (_, at) => 1 / Math.log2(at + 2));
    [this.#scores, this.#own] = [new Float64Array(most), new Float64Array(most)];
    [this.#pulls, this.#bends] = [new Float64Array(most), new Float64Array(most)];
    let start = 0;
    this.#scales = Float64Array.from(groups, (size) => {
      const ideal = this.#idealOf(start, start + size);
      start += size;
      return ideal > 0 ? 1 / ideal : 0;
    });
  }

  #idealOf(start: number, end: number): number {
    const sorted = this.#gains.slice(start, end).sort().reverse().subarray(0, truncation);
    return sorted.reduce((sum, gain, at) => sum + gain * this.#discounts[at]!, 0);
  }

  /** Writes both at the scores. */
  write(scores: Float64Array, gradients: Float64Array, hessians: Float64Array): void {
    gradients.fill(0);
    hessians.fill(0);
    let start = 0;
    this.#groups.forEach((size, query) => {
      if (this.#scales[query]! > 0) {
        const rows = this.#order.subarray(start, start + size);
        sortRows(rows, scores);
        const factor = this.#pull(rows, scores, this.#scales[query]!);
        for (let at = 0; at < size; at++) {
          gradients[rows[at]!] = this.#pulls[at]! * factor;
          hessians[rows[at]!] = this.#bends[at]! * factor;
        }
      }
      start += size;
    });
  }

  /** The pulls and bends of a query's rows by place, and what they are to be multiplied by. */
  #pull(rows: Int32Array, scores: Float64Array, scale: number): number {
    const { length } = rows;
    const [own, held] = [this.#own, this.#scores];
    const [pulls, bends, discounts] = [this.#pulls, this.#bends, this.#discounts];
    for (let at = 0; at < length; at++) {
      own[at] = this.#gains[rows[at]!]!;
      held[at] = scores[rows[at]!]!;
      pulls[at] = 0;
      bends[at] = 0;
    }
    const spread = held[0]! !== held[length - 1]!;
    let total = 0;
    for (let i = 0; i < Math.min(truncation, length - 1); i++) {
      for (let j = i + 1; j < length; j++) {
        const better = own[i]! - own[j]!;
        if (better === 0) continue;
        const sign = better > 0 ? 1 : -1;
        const apart = sign * (held[i]! - held[j]!);
        let change = sign * better * (discounts[i]! - discounts[j]!) * scale;
        if (spread) change /= 0.01 + Math.abs(apart);
        const share = 1 / (1 + Math.exp(apart));
        const pull = share * change;
        const bend = pull * (1 - share);
        pulls[i]! -= sign * pull;
        pulls[j]! += sign * pull;
        bends[i]! += bend;
        bends[j]! += bend;
        total += 2 * pull;
      }
    }
    return total > 0 ? Math.log2(1 + total) / total : 1;
  }
}

/** Highest score first, of equals the first row. */
function sortRows(rows: Int32Array, scores: Float64Array): void {
  if (rows.length > fewRows) {
    rows.sort((a, b) => scores[b]! - scores[a]! || a - b);
    return;
  }
  for (let at = 1; at < rows.length; at++) {
    const row = rows[at]!;
    const score = scores[row]!;
    let to = at;
    for (; to > 0; to--) {
      const above = rows[to - 1]!;
      if (scores[above]! > score || (scores[above] === score && above < row)) break;
      rows[to] = above;
    }
    rows[to] = row;
  }
}
