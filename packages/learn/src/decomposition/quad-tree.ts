/** More halvings than doubles tell apart; rows that lie on each other share a leaf. */
const mostDepth = 48;

/**
 * A quad tree over points of the plane: what Barnes and Hut's approximation asks of far points is their number and
 * their middle.
 */
export class QuadTree {
  readonly #points: Float64Array;
  /** The first of a node's four children, 0 for a leaf. */
  readonly #children: number[] = [];
  readonly #counts: number[] = [];
  readonly #x: number[] = [];
  readonly #y: number[] = [];
  readonly #width: number[] = [];
  readonly #stack: number[] = [];

  constructor(points: Float64Array) {
    this.#points = points;
    const places = Int32Array.from({ length: points.length / 2 }, (_, at) => at);
    const [centre, half] = bounds(points);
    this.#add();
    this.#build(0, places, centre, half, 0);
  }

  #add(): void {
    this.#children.push(0);
    this.#counts.push(0);
    this.#x.push(0);
    this.#y.push(0);
    this.#width.push(0);
  }

  #build(
    node: number,
    places: Int32Array,
    [cx, cy]: readonly [number, number],
    half: number,
    depth: number,
  ): void {
    const points = this.#points;
    let [x, y] = [0, 0];
    for (const at of places) {
      x += points[2 * at]!;
      y += points[2 * at + 1]!;
    }
    this.#counts[node] = places.length;
    this.#x[node] = places.length > 0 ? x / places.length : 0;
    this.#y[node] = places.length > 0 ? y / places.length : 0;
    this.#width[node] = 2 * half;
    if (places.length <= 1 || depth >= mostDepth) return;
    const first = this.#children.length;
    this.#children[node] = first;
    for (let k = 0; k < 4; k++) this.#add();
    for (let k = 0; k < 4; k++) {
      const part = places.filter((at) => {
        const right = Number(points[2 * at]! >= cx);
        return right + 2 * Number(points[2 * at + 1]! >= cy) === k;
      });
      const centre = [cx + (k & 1 ? half : -half) / 2, cy + (k & 2 ? half : -half) / 2] as const;
      this.#build(first + k, part, centre, half / 2, depth + 1);
    }
  }

  /**
   * Adds the repulsion of all other points at a place to `force` (2): sum of q^2 (y - y'), q = 1 / (1 + d^2).
   * Returns the sum of q, of which a point itself gives 1. A node is taken whole where width / distance < angle.
   */
  repel(x: number, y: number, angle: number, force: Float64Array): number {
    const stack = this.#stack;
    stack.length = 0;
    stack.push(0);
    let total = 0;
    while (stack.length > 0) {
      const node = stack.pop()!;
      const count = this.#counts[node]!;
      if (count === 0) continue;
      const [dx, dy] = [x - this.#x[node]!, y - this.#y[node]!];
      const squared = dx * dx + dy * dy;
      const first = this.#children[node]!;
      if (first > 0 && this.#width[node]! ** 2 >= angle * angle * squared) {
        for (let k = 3; k >= 0; k--) stack.push(first + k);
        continue;
      }
      const q = 1 / (1 + squared);
      total += count * q;
      force[0]! += count * q * q * dx;
      force[1]! += count * q * q * dy;
    }
    return total;
  }
}

/** The middle of the square around all points, and half its side. */
function bounds(points: Float64Array): readonly [readonly [number, number], number] {
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let at = 0; at < points.length; at += 2) {
    left = Math.min(left, points[at]!);
    right = Math.max(right, points[at]!);
    low = Math.min(low, points[at + 1]!);
    high = Math.max(high, points[at + 1]!);
  }
  const half = Math.max(right - left, high - low, 1e-12) / 2;
  return [[(left + right) / 2, (low + high) / 2], half * (1 + 1e-9)];
}
