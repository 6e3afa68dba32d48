/**
 * What a row with the linear score s and the target y loses:
 * - squared: (s - y)^2 / 2
 * - logistic: log(1 + e^s) - y s, for y 0 or 1
 * - poisson: e^s - y s; gamma: s + y e^-s; tweedie (power `first`, between 1 and 2):
 *   e^((2 - first) s) / (2 - first) - y e^((1 - first) s) / (1 - first)
 * - squaredHinge: max(0, 1 - y s)^2, for y 1 or -1
 * - hinge: max(0, 1 - y s), a parabola where it is below `second`
 * - squaredInsensitive, insensitive: max(0, |s - y| - first)^2, and the same as hinge
 * - softmax: log(sum of e^s_k) - s_y, for as many scores as there are classes
 */
export type RowLoss =
  | 'squared'
  | 'logistic'
  | 'poisson'
  | 'gamma'
  | 'tweedie'
  | 'squaredHinge'
  | 'hinge'
  | 'squaredInsensitive'
  | 'insensitive'
  | 'softmax';

/** The numbers by which the kernel knows them. */
export const lossCodes: Readonly<Record<RowLoss, number>> = {
  squared: 0,
  logistic: 1,
  poisson: 2,
  gamma: 3,
  tweedie: 4,
  squaredHinge: 5,
  hinge: 6,
  squaredInsensitive: 7,
  insensitive: 8,
  softmax: 9,
};

/** Loss, first and second derivative by the score, for losses of one score. */
type LossTriple = readonly [value: number, slope: number, curvature: number];

/** The plain twin of the kernel's losses of one score. */
export function rowLoss(
  loss: RowLoss,
  score: number,
  y: number,
  first: number,
  second: number,
): LossTriple {
  switch (loss) {
    case 'squared':
      return [0.5 * (score - y) ** 2, score - y, 1];
    case 'logistic':
      return logisticLoss(score, y);
    case 'poisson':
      return [Math.exp(score) - y * score, Math.exp(score) - y, Math.exp(score)];
    case 'gamma': {
      const ratio = y * Math.exp(-score);
      return [score + ratio, 1 - ratio, ratio];
    }
    case 'tweedie': {
      const [a, b] = [1 - first, 2 - first];
      const [one, two] = [y * Math.exp(a * score), Math.exp(b * score)];
      return [two / b - one / a, two - one, b * two - a * one];
    }
    case 'squaredHinge': {
      const gap = Math.max(0, 1 - y * score);
      return [gap * gap, -2 * y * gap, gap > 0 ? 2 : 0];
    }
    case 'hinge':
      return smoothed(1 - y * score, -y, second);
    case 'squaredInsensitive':
    case 'insensitive': {
      const side = score > y ? 1 : -1;
      const gap = side * (score - y) - first;
      if (loss === 'insensitive') return smoothed(gap, side, second);
      return gap > 0 ? [gap * gap, 2 * side * gap, 2] : [0, 0, 0];
    }
    case 'softmax':
      throw new TypeError('softmax has more than one score');
  }
}

/** max(0, gap), a parabola where the gap is below the width. */
function smoothed(gap: number, side: number, width: number): LossTriple {
  if (gap <= 0) return [0, 0, 0];
  if (gap >= width) return [gap - 0.5 * width, side, 0];
  return [(0.5 * gap * gap) / width, (side * gap) / width, 1 / width];
}

function logisticLoss(score: number, y: number): LossTriple {
  const power = Math.exp(-Math.abs(score));
  const far = power / (1 + power);
  // The slope of the nearer tail is not taken from 1, so that it keeps its digits.
  const slope = score >= 0 ? 1 - y - far : far - y;
  return [Math.log1p(power) + Math.max(0, score) - y * score, slope, power / (1 + power) ** 2];
}
