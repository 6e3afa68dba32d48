/** A logistic curve over a score: 1 / (1 + exp(-(slope score + offset))). */
export interface Platt {
  readonly slope: number;
  readonly offset: number;
}

/**
 * The curve of greatest likelihood for targets 0 and 1, which are drawn in as Platt 2000 has it so that the
 * curve stays finite on scores that separate; Newton with halved steps (Lin, Lin and Weng 2007).
 */
export function fitPlatt(
  scores: ArrayLike<number>,
  target: ArrayLike<number>,
  weights?: ArrayLike<number>,
): Platt {
  const rows = Array.from({ length: scores.length }, (_, row) => row);
  const weight = (row: number): number => weights?.[row] ?? 1;
  const total = (label: number): number =>
    rows.reduce((sum, row) => sum + (target[row] === label ? weight(row) : 0), 0);
  const [negative, positive] = [total(0), total(1)];
  const [low, high] = [1 / (negative + 2), (positive + 1) / (positive + 2)];
  const wanted = (row: number): number => (target[row] === 1 ? high : low);
  const loss = ({ slope, offset }: Platt): number =>
    rows.reduce((sum, row) => {
      const z = slope * scores[row]! + offset;
      return (
        sum + weight(row) * (Math.max(z, 0) - wanted(row) * z + Math.log1p(Math.exp(-Math.abs(z))))
      );
    }, 0);
  let at: Platt = { slope: 0, offset: Math.log((positive + 1) / (negative + 1)) };
  let value = loss(at);
  for (let round = 0; round < 100; round++) {
    const step = newtonStep(at, scores, rows, weight, wanted);
    let [share, next, better] = [1, at, value];
    for (; share > 1e-10; share /= 2) {
      next = { slope: at.slope + share * step.slope, offset: at.offset + share * step.offset };
      better = loss(next);
      if (better < value) break;
    }
    if (!(better < value - 1e-12 * Math.abs(value))) return better < value ? next : at;
    [at, value] = [next, better];
  }
  return at;
}

function newtonStep(
  { slope, offset }: Platt,
  scores: ArrayLike<number>,
  rows: readonly number[],
  weight: (row: number) => number,
  wanted: (row: number) => number,
): Platt {
  let [g1, g2, h11, h12, h22] = [0, 0, 1e-12, 0, 1e-12];
  for (const row of rows) {
    const score = scores[row]!;
    const p = 1 / (1 + Math.exp(-(slope * score + offset)));
    const [d, h] = [weight(row) * (p - wanted(row)), weight(row) * p * (1 - p)];
    g1 += d * score;
    g2 += d;
    h11 += h * score * score;
    h12 += h * score;
    h22 += h;
  }
  const determinant = h11 * h22 - h12 * h12;
  return {
    slope: -(h22 * g1 - h12 * g2) / determinant,
    offset: -(h11 * g2 - h12 * g1) / determinant,
  };
}

/** The curve at a score. */
export function plattAt({ slope, offset }: Platt, score: number): number {
  return 1 / (1 + Math.exp(-(slope * score + offset)));
}
