/**
 * The value at x of a polynomial with its constant first: Horner's scheme in x^2 for even and odd
 * powers apart, two chains that a processor runs at once.
 */
export function polynomial(coefficients: readonly number[], x: number): number {
  const square = x * x;
  let even = 0;
  let odd = 0;
  let n = coefficients.length - 1;
  if (n % 2 === 0) even = coefficients[n--]!;
  for (; n > 0; n -= 2) {
    odd = odd * square + coefficients[n]!;
    even = even * square + coefficients[n - 1]!;
  }
  return even + x * odd;
}
