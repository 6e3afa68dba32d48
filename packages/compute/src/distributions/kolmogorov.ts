import type { Tail } from '../special/tail.ts';
import { continuous } from './continuous.ts';
import type { ContinuousDistribution } from './distribution.ts';
import { solveTail } from './solve-tail.ts';

/**
 * Kolmogorov's distribution, the limit of sqrt(n) times the largest distance between an empirical
 * and its continuous distribution function: Kolmogorov's alternating series above its median,
 * Jacobi's transformation of it below (Kolmogorov 1933, Feller 1948).
 */
export function kolmogorovDistribution(): ContinuousDistribution {
  const mean = Math.sqrt(Math.PI / 2) * Math.LN2;
  const whole: ContinuousDistribution = continuous({
    kind: 'kolmogorov',
    parameters: {},
    support: [0, Infinity],
    mean,
    variance: (Math.PI * Math.PI) / 12 - mean * mean,
    logDensity: (x) => (x === 0 || x === Infinity ? -Infinity : logDensity(x)),
    tail,
    solve,
    sample: (stream) => whole.quantile(stream.openUniform()),
  });
  return whole;
}

/** Both series take four terms here. */
const MIDDLE = 0.83;

function tail(x: number): Tail {
  if (x < MIDDLE) {
    const log = logFirst(x);
    // Term k is exp((2 k - 1)^2 log); what the first leaves is exp(8 log), exp(24 log), ...
    const sum = 1 + Math.exp(8 * log) + Math.exp(24 * log) + Math.exp(48 * log);
    return { lower: true, log, factor: (Math.sqrt(2 * Math.PI) / x) * sum };
  }
  const log = -2 * x * x;
  const sum = 1 - Math.exp(3 * log) + Math.exp(8 * log) - Math.exp(15 * log) + Math.exp(24 * log);
  return { lower: false, log, factor: 2 * sum };
}

function logFirst(x: number): number {
  return (-Math.PI * Math.PI) / (8 * x * x);
}

function logDensity(x: number): number {
  let sum = 0;
  if (x < MIDDLE) {
    const log = logFirst(x);
    for (let odd = 7; odd >= 1; odd -= 2)
      sum += (-2 * odd * odd * log - 1) * Math.exp((odd * odd - 1) * log);
    return log + Math.log((Math.sqrt(2 * Math.PI) / (x * x)) * sum);
  }
  const log = -2 * x * x;
  for (let k = 5; k >= 1; k--) sum += (k % 2 === 1 ? 1 : -1) * k * k * Math.exp((k * k - 1) * log);
  return log + Math.log(8 * x * sum);
}

/** From the first term of the tail. */
function solve(logP: number, lower: boolean): number {
  const start = lower ? Math.PI / Math.sqrt(-8 * (logP - 1)) : Math.sqrt(0.5 * (Math.LN2 - logP));
  return solveTail({ tail, logDensity, start }, logP, lower);
}
