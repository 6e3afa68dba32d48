/** The value at x of a polynomial with its constant first, by Horner's scheme. */
export function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (let n = coefficients.length - 1; n >= 0; n--) sum = sum * x + coefficients[n]!;
  return sum;
}

/** The value at x in [-1, 1] of a sum of Chebyshev polynomials, by Clenshaw's recurrence. */
export function chebyshevSum(coefficients: readonly number[], x: number): number {
  let next = 0;
  let afterNext = 0;
  for (let n = coefficients.length - 1; n > 0; n--) {
    const here = 2 * x * next - afterNext + coefficients[n]!;
    afterNext = next;
    next = here;
  }
  return x * next - afterNext + coefficients[0]!;
}
