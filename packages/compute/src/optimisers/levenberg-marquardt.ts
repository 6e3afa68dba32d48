import { assert, throwIfCancelled } from '@backlot/core';
import { NotFinite } from '../error.ts';
import { applyQTransposed, qr } from '../linear-algebra/qr.ts';
import { norm } from '../linear-algebra/vector.ts';

export interface CurveOptions {
  /** Writes what the model misses by at the parameters, one number an observation. */
  readonly residuals: (parameters: Float64Array, out: Float64Array) => void;
  /** How many residuals there are; at least as many as parameters. */
  readonly observations: number;
  /** Not changed. */
  readonly start: Float64Array;
  /** Writes the derivatives (observations x parameters); central differences by default. */
  readonly jacobian?: (parameters: Float64Array, out: Float64Array) => void;
  /** Stops when a step is promised to lower the sum of squares by at most this part; 1e-15 by default. */
  readonly valueTolerance?: number;
  /** Or when a step changes the scaled parameters by at most this part; 1e-12 by default. */
  readonly pointTolerance?: number;
  /** 1,000 by default. */
  readonly maxIterations?: number;
  readonly signal?: AbortSignal | undefined;
}

/** A fit of nonlinear least squares. */
export interface CurveFit {
  readonly parameters: Float64Array;
  readonly sumOfSquares: number;
  /**
   * By parameter, from the residual variance and the Jacobian at the end (the linear approximation); NaN
   * where the parameters are not told apart, or without degrees of freedom.
   */
  readonly standardErrors: Float64Array;
  readonly iterations: number;
  /** Calls of `residuals`, those for differences included. */
  readonly evaluations: number;
  /** Whether a tolerance was met; not where the iterations were spent. */
  readonly converged: boolean;
}

/**
 * Nonlinear least squares: the parameters that make half the residuals' squares least, by Levenberg (1944)
 * and Marquardt (1963) in the trust-region form of More (1978). Steps are limited in units of the Jacobian's
 * columns, and solved by QR of the Jacobian, never of its squares. Residuals that are not finite say "too
 * far" on the way; at the start they throw `NotFinite`. It finds one local minimum, that depends on the start.
 *
 * @example
 * const { parameters } = levenbergMarquardt({
 *   start: Float64Array.of(1, 0.1),
 *   observations: y.length,
 *   residuals: ([a, b], out) => y.forEach((value, i) => { out[i] = value - a * Math.exp(b * x[i]); }),
 * });
 */
export function levenbergMarquardt(options: CurveOptions): CurveFit {
  const state = new CurveState(options);
  const { valueTolerance = 1e-15, pointTolerance = 1e-12, maxIterations = 1000 } = options;
  let radius = 0;
  for (let iterations = 0; ; iterations++) {
    throwIfCancelled(options.signal, 'the fit of a curve');
    state.linearise();
    const reach = norm(state.scaled(state.point));
    if (iterations === 0) radius = reach > 0 ? 100 * reach : 100;
    for (let trials = 0; ; trials++) {
      const { step, length, promised, undamped } = state.stepWithin(radius);
      const part = promised / state.squares;
      // Also where all residuals are nothing but rounding: nothing is left to be lowered.
      if (!(part > valueTolerance) || state.exact) return state.end(iterations, true);
      const fall = state.tryStep(step);
      const ratio = fall / promised;
      if (iterations === 0 && trials === 0) radius = Math.min(radius, length);
      if (!(ratio > 0.25))
        radius = shrinkage(fall, state.squares, promised) * Math.min(radius, 10 * length);
      else if (ratio > 0.75 || undamped) radius = 2 * length;
      if (ratio > 1e-4) {
        state.accept();
        if (length <= pointTolerance * reach) return state.end(iterations + 1, true);
        break;
      }
      if (radius <= Number.EPSILON * reach || radius < 1e-300) {
        return state.end(iterations, part <= 1e-10);
      }
    }
    if (iterations + 1 >= maxIterations) return state.end(iterations + 1, false);
  }
}

/** A step, its length in the scales, and by how much the linear model lowers the squares with it. */
interface Step {
  readonly step: Float64Array;
  readonly length: number;
  readonly promised: number;
  readonly undamped: boolean;
}

/** How much smaller the region becomes: where the parabola through slope and fall is least. */
function shrinkage(fall: number, squares: number, promised: number): number {
  if (fall >= 0) return 0.5;
  if (!(fall > -99 * squares)) return 0.1;
  return Math.max(0.1, 0.5 * (promised / (promised - fall)));
}

class CurveState {
  readonly #options: CurveOptions;
  point: Float64Array<ArrayBuffer>;
  /** The sum of the residuals' squares. */
  squares: number;
  #residuals: Float64Array<ArrayBuffer>;
  #trial: Float64Array<ArrayBuffer>;
  #trialResiduals: Float64Array<ArrayBuffer>;
  #trialSquares = 0;
  readonly #jacobian: Float64Array<ArrayBuffer>;
  readonly #scales: Float64Array<ArrayBuffer>;
  #triangle = new Float64Array(0);
  #rotated = new Float64Array(0);
  #evaluations = 0;

  constructor(options: CurveOptions) {
    const { observations, start } = options;
    const n = start.length;
    assert(n > 0 && observations >= n, 'there are at least as many residuals as parameters');
    this.#options = options;
    this.point = Float64Array.from(start);
    this.#trial = this.point.slice();
    this.#residuals = new Float64Array(observations);
    this.#trialResiduals = new Float64Array(observations);
    this.#jacobian = new Float64Array(observations * n);
    this.#scales = new Float64Array(n);
    this.squares = this.#evaluate(this.point, this.#residuals);
    if (!Number.isFinite(this.squares)) throw new NotFinite('levenbergMarquardt');
  }

  #evaluate(point: Float64Array, out: Float64Array): number {
    this.#evaluations++;
    this.#options.residuals(point, out);
    return norm(out) ** 2;
  }

  /** Whether the residuals are no more than what the parameters' rounding moves them by. */
  get exact(): boolean {
    return Math.sqrt(this.squares) <= 4 * Number.EPSILON * norm(this.scaled(this.point));
  }

  scaled(values: Float64Array): Float64Array {
    return values.map((value, k) => value * this.#scales[k]!);
  }

  /** Jacobian at the point as R and Q' times the residuals; scales never fall. */
  linearise(): void {
    const { observations: rows } = this.#options;
    const n = this.point.length;
    if (this.#options.jacobian) this.#options.jacobian(this.point, this.#jacobian);
    else this.#difference();
    if (!this.#jacobian.every(Number.isFinite)) throw new NotFinite('levenbergMarquardt');
    for (let k = 0; k < n; k++) {
      const column = Float64Array.from({ length: rows }, (_, i) => this.#jacobian[i * n + k]!);
      this.#scales[k] = Math.max(this.#scales[k]!, norm(column));
      if (this.#scales[k] === 0) this.#scales[k] = 1;
    }
    const factored = qr({ rows, columns: n, values: this.#jacobian }, { pivot: false });
    const rotated = Float64Array.from(this.#residuals);
    applyQTransposed(factored, rotated);
    this.#rotated = rotated.slice(0, n);
    this.#triangle = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let j = i; j < n; j++) this.#triangle[i * n + j] = factored.values[j * rows + i]!;
    }
  }

  /** Central differences, of which the error is near the two thirds power of rounding. */
  #difference(): void {
    const n = this.point.length;
    const [point, ahead, behind] = [
      this.point.slice(),
      this.#trialResiduals,
      this.#residuals.slice(),
    ];
    for (let k = 0; k < n; k++) {
      const there = this.point[k]!;
      const step = Math.cbrt(Number.EPSILON) * (Math.abs(there) || 1e-3);
      point[k] = there + step;
      const up = point[k]!;
      this.#evaluate(point, ahead);
      point[k] = there - step;
      const width = up - point[k]!;
      this.#evaluate(point, behind);
      point[k] = there;
      for (let i = 0; i < ahead.length; i++) {
        this.#jacobian[i * n + k] = (ahead[i]! - behind[i]!) / width;
      }
    }
  }

  /** The step that makes the linear model least within the radius. */
  stepWithin(radius: number): Step {
    const n = this.point.length;
    let damping = 0;
    let step = this.#dampedStep(0);
    let length = norm(this.scaled(step));
    if (!(length <= 1.1 * radius)) {
      let [low, high] = [0, norm(this.#gradientByScale()) / radius];
      damping = Number.isFinite(length) ? 1e-3 * high : Math.max(1e-3 * high, 1e-300);
      for (let pass = 0; pass < 60; pass++) {
        step = this.#dampedStep(damping);
        length = norm(this.scaled(step));
        if (Math.abs(length - radius) <= 0.1 * radius) break;
        if (length > radius) low = damping;
        else high = damping;
        // Newton's step on 1 / length would need another solve; the secant of its shape does nearly as well.
        const wanted = damping * (length / radius) ** 1.5;
        damping =
          wanted > low && wanted < high ? wanted : Math.sqrt(Math.max(low, 1e-12 * high) * high);
      }
    }
    // |r|^2 - |r + J p|^2 = |J p|^2 + 2 damping |D p|^2 at the damped minimum.
    let image = 0;
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = i; j < n; j++) sum += this.#triangle[i * n + j]! * step[j]!;
      image += sum * sum;
    }
    const promised = image + 2 * damping * length * length;
    return { step, length, promised, undamped: damping === 0 };
  }

  /** J'r in units of the scales. */
  #gradientByScale(): Float64Array {
    const n = this.point.length;
    return Float64Array.from({ length: n }, (_, j) => {
      let sum = 0;
      for (let i = 0; i <= j; i++) sum += this.#triangle[i * n + j]! * this.#rotated[i]!;
      return sum / this.#scales[j]!;
    });
  }

  /** Minimises |R p + Q'r|^2 + damping |D p|^2, by QR of both stacked; not finite where R is singular. */
  #dampedStep(damping: number): Float64Array<ArrayBuffer> {
    const n = this.point.length;
    let [triangle, right, stride] = [this.#triangle, this.#rotated, 1];
    if (damping > 0) {
      const values = new Float64Array(2 * n * n);
      values.set(this.#triangle);
      for (let k = 0; k < n; k++) values[(n + k) * n + k] = Math.sqrt(damping) * this.#scales[k]!;
      const factored = qr({ rows: 2 * n, columns: n, values }, { pivot: false });
      right = new Float64Array(2 * n);
      right.set(this.#rotated);
      applyQTransposed(factored, right);
      triangle = factored.values as Float64Array<ArrayBuffer>;
      stride = 2 * n;
    }
    const at = (i: number, j: number): number =>
      damping > 0 ? triangle[j * stride + i]! : triangle[i * n + j]!;
    const step = new Float64Array(n);
    for (let i = n - 1; i >= 0; i--) {
      let rest = -right[i]!;
      for (let j = i + 1; j < n; j++) rest -= at(i, j) * step[j]!;
      step[i] = rest / at(i, i);
    }
    return step;
  }

  /** By how much the squares fall there. */
  tryStep(step: Float64Array): number {
    for (let k = 0; k < step.length; k++) this.#trial[k] = this.point[k]! + step[k]!;
    this.#trialSquares = this.#evaluate(this.#trial, this.#trialResiduals);
    return this.squares - (Number.isFinite(this.#trialSquares) ? this.#trialSquares : Infinity);
  }

  accept(): void {
    [this.point, this.#trial] = [this.#trial, this.point];
    [this.#residuals, this.#trialResiduals] = [this.#trialResiduals, this.#residuals];
    this.squares = this.#trialSquares;
  }

  end(iterations: number, converged: boolean): CurveFit {
    this.linearise();
    const [parameters, sumOfSquares] = [this.point, this.squares];
    const evaluations = this.#evaluations;
    const standardErrors = this.#standardErrors();
    return { parameters, sumOfSquares, standardErrors, iterations, evaluations, converged };
  }

  /** The lengths of the rows of R's inverse, times the residual deviation. */
  #standardErrors(): Float64Array {
    const n = this.point.length;
    const freedom = this.#options.observations - n;
    const deviation = freedom > 0 ? Math.sqrt(this.squares / freedom) : Number.NaN;
    const inverse = new Float64Array(n * n);
    for (let j = 0; j < n; j++) {
      for (let i = j; i >= 0; i--) {
        let rest = i === j ? 1 : 0;
        for (let k = i + 1; k <= j; k++) rest -= this.#triangle[i * n + k]! * inverse[k * n + j]!;
        inverse[i * n + j] = rest / this.#triangle[i * n + i]!;
      }
    }
    return Float64Array.from({ length: n }, (_, i) => {
      const error = deviation * norm(inverse, i * n, n);
      return Number.isFinite(error) ? error : Number.NaN;
    });
  }
}
