import { assert } from '@backlot/core';
import type { IterativeSolution } from './conjugate-gradient.ts';
import type { LinearOperator } from './linear-operator.ts';
import { addScaled, norm } from './vector.ts';

export interface LsmrOptions {
  readonly right: Float64Array;
  /** Minimises |A x - b|^2 + damping^2 |x|^2; 0 by default. */
  readonly damping?: number;
  /**
   * Stops when the equations are solved to this part of |A| |x| + |b|, or the normal equations to this
   * part of |A| |r|; 1e-12 by default.
   */
  readonly tolerance?: number;
  /** Twice min(rows, columns), at least 100, by default. */
  readonly maxIterations?: number;
}

/** The residual's norm includes the damped part. */
export interface LsmrSolution extends IterativeSolution {
  /** The length of A' r less the damped solution: 0 at the least squares. */
  readonly normalResidual: number;
}

/**
 * Least squares for an operator of which only products are known: LSMR (Fong and Saunders 2011). Started
 * at zero, it finds the shortest of all solutions. |A' r| falls in every step.
 */
export function lsmr(operator: LinearOperator, options: LsmrOptions): LsmrSolution {
  const { rows, columns } = operator;
  const { right, damping = 0, tolerance = 1e-12 } = options;
  assert(right.length === rows, 'the right side has the rows of the operator');
  const maxIterations = options.maxIterations ?? Math.max(100, 2 * Math.min(rows, columns));
  const x = new Float64Array(columns);
  const basis = new Bidiagonalisation(operator, right);
  const state = new Recurrence(basis.beta, basis.alpha);
  const h = basis.v.slice();
  const hBar = new Float64Array(columns);
  let iterations = 0;
  let done = state.normalResidual === 0;
  while (!done && iterations < maxIterations) {
    iterations++;
    basis.step();
    const factors = state.step(basis.alpha, basis.beta, damping);
    for (let k = 0; k < columns; k++) {
      hBar[k] = h[k]! - factors.hBar * hBar[k]!;
      x[k]! += factors.x * hBar[k]!;
      h[k] = basis.v[k]! - factors.h * h[k]!;
    }
    const size = state.matrixNorm * norm(x) + norm(right);
    const solved = state.residualNorm <= tolerance * size;
    const { normalResidual, residualNorm, matrixNorm } = state;
    done = solved || normalResidual <= tolerance * matrixNorm * residualNorm;
  }
  const { residualNorm, normalResidual } = state;
  return { solution: x, iterations, converged: done, residualNorm, normalResidual };
}

/** The process of Golub and Kahan: A V = U B with orthonormal columns, one more in each step. */
class Bidiagonalisation {
  readonly #operator: LinearOperator;
  #u: Float64Array;
  v: Float64Array;
  alpha: number;
  beta: number;

  constructor(operator: LinearOperator, right: Float64Array) {
    this.#operator = operator;
    this.#u = right.slice();
    this.beta = normalise(this.#u);
    this.v = operator.multiplyTransposed(this.#u, 1);
    this.alpha = normalise(this.v);
  }

  step(): void {
    const u = this.#operator.multiply(this.v, 1);
    addScaled(u, 0, -this.alpha, this.#u, 0, u.length);
    this.beta = normalise(u);
    this.#u = u;
    const v = this.#operator.multiplyTransposed(u, 1);
    addScaled(v, 0, -this.beta, this.v, 0, v.length);
    this.alpha = normalise(v);
    this.v = v;
  }
}

/** Brings a vector to length 1 and gives its length; zeros stay. */
function normalise(x: Float64Array): number {
  const length = norm(x);
  if (length > 0) for (let k = 0; k < x.length; k++) x[k]! /= length;
  return length;
}

/** A rotation that takes (a, b) to (r, 0). */
function rotation(a: number, b: number): { c: number; s: number; r: number } {
  const r = Math.hypot(a, b);
  return r === 0 ? { c: 1, s: 0, r } : { c: a / r, s: b / r, r };
}

/** The scalars of the paper, section 2.7 and 3; names as there. */
class Recurrence {
  normalResidual: number;
  residualNorm: number;
  matrixNorm = 0;
  #matrixSquares: number;
  #zetaBar: number;
  #alphaBar: number;
  #rho = 1;
  #rhoBar = 1;
  #cBar = 1;
  #sBar = 0;
  #betaDots = { bdd: 0, bd: 0, rhodold: 1, tautildeold: 0, thetatilde: 0, zeta: 0, d: 0 };

  constructor(beta: number, alpha: number) {
    this.normalResidual = alpha * beta;
    this.residualNorm = beta;
    this.#zetaBar = alpha * beta;
    this.#alphaBar = alpha;
    this.#matrixSquares = alpha * alpha;
    this.#betaDots.bdd = beta;
  }

  step(alpha: number, beta: number, damping: number): { h: number; hBar: number; x: number } {
    const damped = rotation(this.#alphaBar, damping);
    const rhoOld = this.#rho;
    const turn = rotation(damped.r, beta);
    this.#rho = turn.r;
    const theta = turn.s * alpha;
    this.#alphaBar = turn.c * alpha;
    const rhoBarOld = this.#rhoBar;
    const thetaBar = this.#sBar * turn.r;
    const rhoTemp = this.#cBar * turn.r;
    const second = rotation(rhoTemp, theta);
    [this.#cBar, this.#sBar, this.#rhoBar] = [second.c, second.s, second.r];
    const zeta = second.c * this.#zetaBar;
    this.#zetaBar *= -second.s;
    this.#measure(damped, turn, thetaBar, zeta);
    this.#matrixSquares += beta * beta;
    this.matrixNorm = Math.sqrt(this.#matrixSquares);
    this.#matrixSquares += alpha * alpha;
    this.normalResidual = Math.abs(this.#zetaBar);
    const divide = (a: number, b: number): number => (b === 0 ? 0 : a / b);
    return {
      hBar: divide(thetaBar * turn.r, rhoOld * rhoBarOld),
      x: divide(zeta, turn.r * second.r),
      h: divide(theta, turn.r),
    };
  }

  /** The residual's length without computing the residual (section 3.4 of the paper). */
  #measure(
    damped: { c: number; s: number },
    turn: { c: number; s: number },
    thetaBar: number,
    zeta: number,
  ): void {
    const held = this.#betaDots;
    const acute = damped.c * held.bdd;
    const check = -damped.s * held.bdd;
    const hat = turn.c * acute;
    held.bdd = -turn.s * acute;
    const tilde = rotation(held.rhodold, thetaBar);
    const thetaTildeOld = held.thetatilde;
    held.thetatilde = tilde.s * this.#rhoBar;
    held.rhodold = tilde.c * this.#rhoBar;
    held.bd = -tilde.s * held.bd + tilde.c * hat;
    held.tautildeold = (held.zeta - thetaTildeOld * held.tautildeold) / (tilde.r || 1);
    held.zeta = zeta;
    const tau = (zeta - held.thetatilde * held.tautildeold) / (held.rhodold || 1);
    held.d += check * check;
    this.residualNorm = Math.sqrt(held.d + (held.bd - tau) ** 2 + held.bdd ** 2);
  }
}
