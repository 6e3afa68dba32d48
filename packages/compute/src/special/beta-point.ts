/**
 * A point of the beta distribution of shapes a and b: x, y = 1 - x and lambda = a - (a + b) x, the
 * distance from the mean, each with digits of its own (1 - x and a - (a + b) x would lose them).
 */
export interface BetaPoint {
  readonly a: number;
  readonly b: number;
  readonly x: number;
  readonly y: number;
  readonly lambda: number;
}

/** The point at x, or where y = 1 - x is known better, at that. */
export function betaPoint(a: number, b: number, x: number, y: number = 1 - x): BetaPoint {
  const lambda = x <= y ? distance(a, b, x) : -distance(b, a, y);
  return { a, b, x, y, lambda };
}

/** The same point seen from the other end: I_x(a, b) = 1 - I_y(b, a). */
export function mirror(point: BetaPoint): BetaPoint {
  return { a: point.b, b: point.a, x: point.y, y: point.x, lambda: -point.lambda };
}

/** a - a x - b x, with the errors of both products and sums put back (Dekker 1971). */
function distance(a: number, b: number, x: number): number {
  const first = a * x;
  const second = b * x;
  const near = a - first;
  const nearError = sumError(a, -first, near);
  const far = near - second;
  const farError = sumError(near, -second, far);
  return far + (nearError + farError - productError(a, x, first) - productError(b, x, second));
}

/** What a + b loses to its rounded sum (Knuth). */
function sumError(a: number, b: number, sum: number): number {
  const part = sum - a;
  return a - (sum - part) + (b - part);
}

/** What a b loses to its rounded product, by halves of 26 bits. */
function productError(a: number, b: number, product: number): number {
  const bigA = SPLIT * a;
  const headA = bigA - (bigA - a);
  const tailA = a - headA;
  const bigB = SPLIT * b;
  const headB = bigB - (bigB - b);
  const tailB = b - headB;
  return headA * headB - product + headA * tailB + tailA * headB + tailA * tailB;
}

const SPLIT = 2 ** 27 + 1;
