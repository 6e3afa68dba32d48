import { betaPoint } from '../special/beta-point.ts';
import { logBetaPrefix } from '../special/incomplete-beta.ts';

/** log of the binomial mass at whole k from 0 to trials, by its distance from the peak. */
export function logBinomialMass(trials: number, k: number, p: number): number {
  if (k === 0) return trials === 0 ? 0 : trials * Math.log1p(-p);
  if (k === trials) return trials * Math.log(p);
  const prefix = logBetaPrefix(betaPoint(k + 1, trials - k + 1, p));
  return prefix - Math.log(p) - Math.log1p(-p) - Math.log(trials + 1);
}
