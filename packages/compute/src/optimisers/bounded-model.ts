import { addScaled, dot, norm } from '../linear-algebra/vector.ts';
import { solveSquare } from './solve-square.ts';

/**
 * The quadratic model of L-BFGS-B: the curvature theta I - W M W' of the last steps in its compact form
 * (Byrd, Nocedal and Schnabel 1994), its generalised Cauchy point (algorithm CP of the 1995 paper), and its
 * minimum over the coordinates that are free there (the direct primal method).
 */
export class BoundedModel {
  readonly #length: number;
  readonly #memory: number;
  readonly #steps: Float64Array[] = [];
  readonly #changes: Float64Array[] = [];
  #theta = 1;
  /** Inverse of M (2 count squared), row-major. */
  #middle = new Float64Array(0);

  constructor(length: number, memory: number) {
    this.#length = length;
    this.#memory = memory;
  }

  get count(): number {
    return this.#steps.length;
  }

  clear(): void {
    this.#steps.length = 0;
    this.#changes.length = 0;
    this.#theta = 1;
  }

  /** A pair without positive curvature is left out. */
  add(before: Float64Array, after: Float64Array, old: Float64Array, now: Float64Array): void {
    const step = after.map((value, k) => value - before[k]!);
    const change = now.map((value, k) => value - old[k]!);
    const curvature = dot(step, 0, change, 0, step.length);
    if (!(curvature > Number.EPSILON * norm(step) * norm(change))) return;
    if (this.count === this.#memory) {
      this.#steps.shift();
      this.#changes.shift();
    }
    this.#steps.push(step);
    this.#changes.push(change);
    this.#theta = dot(change, 0, change, 0, change.length) / curvature;
    this.#middle = this.#middleMatrix();
  }

  #middleMatrix(): Float64Array<ArrayBuffer> {
    const k = this.count;
    const out = new Float64Array(4 * k * k);
    const inner = (a: Float64Array, b: Float64Array): number => dot(a, 0, b, 0, this.#length);
    for (let i = 0; i < k; i++) {
      for (let j = 0; j < k; j++) {
        const mixed = inner(this.#steps[i]!, this.#changes[j]!);
        if (i === j) out[i * 2 * k + i] = -mixed;
        if (i > j) {
          out[(k + i) * 2 * k + j] = mixed;
          out[j * 2 * k + k + i] = mixed;
        }
        out[(k + i) * 2 * k + k + j] = this.#theta * inner(this.#steps[i]!, this.#steps[j]!);
      }
    }
    return out;
  }

  /** Row `at` of W = [changes, theta steps]. */
  #rowOf(at: number): Float64Array {
    const k = this.count;
    const row = new Float64Array(2 * k);
    for (let i = 0; i < k; i++) {
      row[i] = this.#changes[i]![at]!;
      row[k + i] = this.#theta * this.#steps[i]![at]!;
    }
    return row;
  }

  /** W' times a vector. */
  #across(vector: Float64Array): Float64Array {
    const k = this.count;
    const out = new Float64Array(2 * k);
    for (let i = 0; i < k; i++) {
      out[i] = dot(this.#changes[i]!, 0, vector, 0, vector.length);
      out[k + i] = this.#theta * dot(this.#steps[i]!, 0, vector, 0, vector.length);
    }
    return out;
  }

  /** M times a vector of the small space. */
  #weigh(vector: Float64Array): Float64Array {
    if (this.count === 0) return new Float64Array(0);
    return solveSquare(this.#middle, vector, 2 * this.count);
  }

  /** From the point to the model's minimum within the bounds. */
  direction(
    point: Float64Array,
    gradient: Float64Array,
    lower: Float64Array,
    upper: Float64Array,
  ): Float64Array {
    const { place, free, c } = this.#cauchyPoint(point, gradient, lower, upper);
    if (free.length > 0 && this.count > 0) {
      this.#minimiseFree({ point, gradient, lower, upper, place, free, c });
    }
    return place.map((value, k) => value - point[k]!);
  }

  /** Where the model first stops falling along the projected gradient; c is W'(place - point). */
  #cauchyPoint(
    point: Float64Array,
    gradient: Float64Array,
    lower: Float64Array,
    upper: Float64Array,
  ): { place: Float64Array; free: readonly number[]; c: Float64Array } {
    const theta = this.#theta;
    const place = point.slice();
    const breaks = gradient.map((slope, k) => {
      if (slope === 0) return Infinity;
      return (point[k]! - (slope < 0 ? upper[k]! : lower[k]!)) / slope;
    });
    const direction = gradient.map((slope, k) => (breaks[k]! > 0 ? -slope : 0));
    const order = Array.from(breaks.keys()).filter((k) => breaks[k]! > 0 && breaks[k]! < Infinity);
    order.sort((a, b) => breaks[a]! - breaks[b]! || a - b);
    const p = this.#across(direction);
    const c = new Float64Array(p.length);
    let slope = -dot(direction, 0, direction, 0, direction.length);
    let bend = -theta * slope - inner(p, this.#weigh(p));
    let [reached, next] = [0, 0];
    const floor = Number.EPSILON * -theta * slope;
    while (next < order.length) {
      const b = order[next]!;
      const ahead = breaks[b]! - reached;
      if (-slope / Math.max(bend, floor) < ahead || slope >= 0) break;
      const g = gradient[b]!;
      place[b] = direction[b]! > 0 ? upper[b]! : lower[b]!;
      const moved = place[b]! - point[b]!;
      addScaled(c, 0, ahead, p, 0, c.length);
      const row = this.#rowOf(b);
      slope += ahead * bend + g * g + theta * g * moved - g * inner(row, this.#weigh(c));
      const weighed = this.#weigh(row);
      bend -= theta * g * g + 2 * g * inner(weighed, p) + g * g * inner(weighed, row);
      addScaled(p, 0, g, row, 0, p.length);
      direction[b] = 0;
      reached = breaks[b]!;
      next++;
    }
    const rest = slope < 0 ? -slope / Math.max(bend, floor) : 0;
    addScaled(c, 0, rest, p, 0, c.length);
    const free: number[] = [];
    for (let k = 0; k < place.length; k++) {
      if (direction[k] === 0) continue;
      const wanted = point[k]! + (reached + rest) * direction[k]!;
      place[k] = Math.max(lower[k]!, Math.min(wanted, upper[k]!));
      if (place[k]! > lower[k]! && place[k]! < upper[k]!) free.push(k);
    }
    // A coordinate without slope is free as well, where it is not at a bound.
    gradient.forEach((g, k) => {
      if (g === 0 && point[k]! > lower[k]! && point[k]! < upper[k]!) free.push(k);
    });
    return { place, free, c };
  }

  /** Moves the free coordinates of the Cauchy point to the model's minimum, as far as the bounds allow. */
  #minimiseFree({ point, gradient, lower, upper, place, free, c }: FreeProblem): void {
    const [theta, width] = [this.#theta, 2 * this.count];
    const weighed = this.#weigh(c);
    const rows = free.map((k) => this.#rowOf(k));
    const rest = free.map(
      (k, at) => gradient[k]! + theta * (place[k]! - point[k]!) - inner(rows[at]!, weighed),
    );
    const sum = new Float64Array(width);
    const system = new Float64Array(width * width);
    rows.forEach((row, at) => {
      addScaled(sum, 0, rest[at]!, row, 0, width);
      for (let i = 0; i < width; i++) addScaled(system, i * width, row[i]! / theta, row, 0, width);
    });
    // (M^-1 - W'ZZ'W / theta) v = W'Z r is (I - M N) v = M W'Z r without M.
    for (let at = 0; at < system.length; at++) system[at] = this.#middle[at]! - system[at]!;
    const v = solveSquare(system, sum, width);
    const steps = rows.map((row, at) => -rest[at]! / theta - inner(row, v) / (theta * theta));
    let part = 1;
    free.forEach((k, at) => {
      const by = steps[at]!;
      if (by > 0) part = Math.min(part, (upper[k]! - place[k]!) / by);
      else if (by < 0) part = Math.min(part, (lower[k]! - place[k]!) / by);
    });
    if (!Number.isFinite(part)) return;
    free.forEach((k, at) => {
      place[k]! += part * steps[at]!;
    });
  }
}

interface FreeProblem {
  readonly point: Float64Array;
  readonly gradient: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly place: Float64Array;
  readonly free: readonly number[];
  readonly c: Float64Array;
}

function inner(a: Float64Array, b: Float64Array): number {
  return dot(a, 0, b, 0, a.length);
}
