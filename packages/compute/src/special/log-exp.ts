/** log(1 - exp(x)) for x below 0, exact near 0 and far below it (Maechler 2012). */
export function log1mExp(x: number): number {
  return x > -Math.LN2 ? Math.log(-Math.expm1(x)) : Math.log1p(-Math.exp(x));
}

/** log(1 + exp(x)), the softplus function, without overflow (Maechler 2012). */
export function log1pExp(x: number): number {
  if (x <= 18) return Math.log1p(Math.exp(x));
  return x + Math.exp(-x);
}

/** log of the sum of exp over the values, without overflow; -Infinity over none. */
export function logSumExp(values: ArrayLike<number>): number {
  let largest = -Infinity;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) return Number.NaN;
    largest = Math.max(largest, values[i]!);
  }
  if (!Number.isFinite(largest)) return largest;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.exp(values[i]! - largest);
  return largest + Math.log(sum);
}
