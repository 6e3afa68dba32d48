import { InvalidArgument } from '../error.ts';
import { thresholdCurve } from '../metrics/curves.ts';

/** What a threshold should make best. */
export type ThresholdAim =
  | { readonly kind: 'f1' }
  | { readonly kind: 'accuracy' }
  /** The mean of the recalls of both classes. */
  | { readonly kind: 'balancedAccuracy' }
  /** The least cost of wrong calls. */
  | { readonly kind: 'cost'; readonly falsePositive: number; readonly falseNegative: number }
  /** The most positives found while at least this share of calls is right. */
  | { readonly kind: 'precision'; readonly atLeast: number };

/**
 * The threshold for `score >= threshold` that does best on these rows, which should not be those of the
 * fit; Infinity where calling nothing positive is best. Equal ones are decided for the highest.
 *
 * @returns The threshold, and the value reached (a cost is given as its negative).
 */
export function chooseThreshold(
  target: ArrayLike<number>,
  scores: ArrayLike<number>,
  aim: ThresholdAim,
  weights?: ArrayLike<number>,
): { readonly threshold: number; readonly value: number } {
  const { thresholds, truePositives, falsePositives } = thresholdCurve(target, scores, weights);
  const [positives, negatives] = [truePositives.at(-1)!, falsePositives.at(-1)!];
  if (!(positives > 0 && negatives > 0)) {
    throw new InvalidArgument('target', 'holds only one class; a threshold needs both');
  }
  const value = reachedBy(aim, positives, negatives);
  let best = { threshold: Infinity, value: value(0, 0) };
  thresholds.forEach((threshold, at) => {
    const found = value(truePositives[at]!, falsePositives[at]!);
    if (found > best.value) best = { threshold, value: found };
  });
  return best;
}

function reachedBy(
  aim: ThresholdAim,
  positives: number,
  negatives: number,
): (found: number, wrong: number) => number {
  switch (aim.kind) {
    case 'f1':
      return (found, wrong) => (2 * found) / (found + wrong + positives);
    case 'accuracy':
      return (found, wrong) => (found + negatives - wrong) / (positives + negatives);
    case 'balancedAccuracy':
      return (found, wrong) => (found / positives + 1 - wrong / negatives) / 2;
    case 'cost':
      return (found, wrong) =>
        -(wrong * aim.falsePositive + (positives - found) * aim.falseNegative);
    case 'precision':
      return (found, wrong) =>
        found + wrong > 0 && found / (found + wrong) >= aim.atLeast ? found / positives : 0;
  }
}
