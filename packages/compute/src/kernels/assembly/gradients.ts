import { meet } from './barrier';
import { exponential } from './exponential';

@unmanaged
export class GradientPlan {
  threads: i32;
  rows: i32;
  outputs: i32;
  objective: i32;
  /** Doubles; output k begins at k * rows. */
  scores: usize;
  target: usize;
  /** Or 0. */
  weights: usize;
  /** Doubles, gradients then hessians: what `quantise` alone is given, and what `gradients` leaves. */
  gradients: usize;
  hessians: usize;
  packed: usize;
  /** By thread: the largest gradient and hessian; and at the end what one unit of each is. */
  largest: usize;
  units: usize;
  meeting: usize;
  unused: i32;
  alpha: f64;
}

/** Numbers are of 18 bits and a sign. */
const levels: f64 = 262144;
const chunk: i32 = 2048;

export const squared: i32 = 0;
export const logistic: i32 = 1;
export const softmax: i32 = 2;
export const poisson: i32 = 3;
export const quantile: i32 = 4;
/** The gradients were written by someone else. */
export const given: i32 = 5;

/**
 * Gradients and hessians of the loss at the scores, as whole numbers in units that are powers of two: the
 * gradient in the high 32 bits, the hessian in the low ones.
 */
export function gradients(thread: i32, control: usize, planAddress: usize): void {
  const plan = changetype<GradientPlan>(planAddress);
  const own = plan.largest + ((<usize>thread) << 4);
  v128.store(own, f64x2.splat(0));
  const counters = plan.meeting + 8;
  for (;;) {
    const first = atomic.add<i32>(counters, chunk);
    if (first >= plan.rows) break;
    const last = min(first + chunk, plan.rows);
    derive(plan, first, last);
    if (plan.weights) weigh(plan, first, last);
    for (let k: i32 = 0; k < plan.outputs; k++) measure(plan, k * plan.rows, first, last, own);
  }
  meet(plan.meeting, plan.threads);
  let most = f64x2.splat(0);
  for (let t: i32 = 0; t < plan.threads; t++) {
    most = f64x2.max(most, v128.load(plan.largest + ((<usize>t) << 4)));
  }
  const gradientUnit = unitOf(f64x2.extract_lane(most, 0));
  const hessianUnit = unitOf(f64x2.extract_lane(most, 1));
  store<f64>(plan.units, gradientUnit);
  store<f64>(plan.units, hessianUnit, 8);
  for (;;) {
    const first = atomic.add<i32>(counters, chunk, 4);
    if (first >= plan.rows) return;
    const last = min(first + chunk, plan.rows);
    for (let k: i32 = 0; k < plan.outputs; k++) {
      quantise(plan, k * plan.rows, first, last, 1 / gradientUnit, 1 / hessianUnit);
    }
  }
}

/** The power of two by which the largest number has at most 18 bits. */
function unitOf(largest: f64): f64 {
  if (largest <= 0) return 1;
  let power: f64 = 1;
  while (power < largest) power *= 2;
  while (power >= 2 * largest && power > 1e-290) power /= 2;
  return power / levels;
}

function derive(plan: GradientPlan, first: i32, last: i32): void {
  if (plan.objective == logistic) deriveLogistic(plan, first, last);
  else if (plan.objective == softmax) deriveSoftmax(plan, first, last);
  else if (plan.objective == squared) deriveSquared(plan, first, last);
  else if (plan.objective == poisson) derivePoisson(plan, first, last);
  else if (plan.objective == quantile) deriveQuantile(plan, first, last);
}

function deriveSquared(plan: GradientPlan, first: i32, last: i32): void {
  for (let row = first; row < last; row++) {
    const at = (<usize>row) << 3;
    store<f64>(plan.gradients + at, load<f64>(plan.scores + at) - load<f64>(plan.target + at));
    store<f64>(plan.hessians + at, 1);
  }
}

/** Chunks begin at even rows and memory has room for one more, so that pairs need no end. */
function deriveLogistic(plan: GradientPlan, first: i32, last: i32): void {
  const one = f64x2.splat(1);
  for (let row = first; row < last; row += 2) {
    const at = (<usize>row) << 3;
    const power = exponential(f64x2.neg(v128.load(plan.scores + at)));
    const p = f64x2.div(one, f64x2.add(one, power));
    v128.store(plan.gradients + at, f64x2.sub(p, v128.load(plan.target + at)));
    v128.store(plan.hessians + at, f64x2.mul(p, f64x2.sub(one, p)));
  }
}

function derivePoisson(plan: GradientPlan, first: i32, last: i32): void {
  // As LightGBM: the hessian of a mean e^0.7 times as large keeps steps short (its max_delta_step).
  const longer = f64x2.splat(2.0137527074704766);
  for (let row = first; row < last; row += 2) {
    const at = (<usize>row) << 3;
    const mean = exponential(v128.load(plan.scores + at));
    v128.store(plan.gradients + at, f64x2.sub(mean, v128.load(plan.target + at)));
    v128.store(plan.hessians + at, f64x2.mul(mean, longer));
  }
}

function deriveQuantile(plan: GradientPlan, first: i32, last: i32): void {
  for (let row = first; row < last; row++) {
    const at = (<usize>row) << 3;
    const under = load<f64>(plan.target + at) > load<f64>(plan.scores + at);
    store<f64>(plan.gradients + at, under ? -plan.alpha : 1 - plan.alpha);
    store<f64>(plan.hessians + at, 1);
  }
}

function deriveSoftmax(plan: GradientPlan, first: i32, last: i32): void {
  const line = (<usize>plan.rows) << 3;
  const outputs = plan.outputs;
  const factor = <f64>outputs / <f64>(outputs - 1);
  for (let row = first; row < last; row++) {
    const at = (<usize>row) << 3;
    let most: f64 = -Infinity;
    for (let k: i32 = 0; k < outputs; k++) most = max(most, load<f64>(plan.scores + k * line + at));
    let total: f64 = 0;
    for (let k: i32 = 0; k < outputs; k++) {
      const score = load<f64>(plan.scores + k * line + at) - most;
      const power = f64x2.extract_lane(exponential(f64x2.splat(score)), 0);
      store<f64>(plan.gradients + k * line + at, power);
      total += power;
    }
    const target = <i32>load<f64>(plan.target + at);
    for (let k: i32 = 0; k < outputs; k++) {
      const p = load<f64>(plan.gradients + k * line + at) / total;
      store<f64>(plan.gradients + k * line + at, k == target ? p - 1 : p);
      store<f64>(plan.hessians + k * line + at, factor * p * (1 - p));
    }
  }
}

function weigh(plan: GradientPlan, first: i32, last: i32): void {
  for (let k: i32 = 0; k < plan.outputs; k++) {
    const base = ((<usize>k) * (<usize>plan.rows)) << 3;
    for (let row = first; row < last; row++) {
      const weight = load<f64>(plan.weights + ((<usize>row) << 3));
      const at = base + ((<usize>row) << 3);
      store<f64>(plan.gradients + at, load<f64>(plan.gradients + at) * weight);
      store<f64>(plan.hessians + at, load<f64>(plan.hessians + at) * weight);
    }
  }
}

function measure(plan: GradientPlan, base: i32, first: i32, last: i32, own: usize): void {
  let gradient = load<f64>(own);
  let hessian = load<f64>(own, 8);
  for (let row = first; row < last; row++) {
    const at = (<usize>(base + row)) << 3;
    gradient = max(gradient, abs(load<f64>(plan.gradients + at)));
    hessian = max(hessian, load<f64>(plan.hessians + at));
  }
  store<f64>(own, gradient);
  store<f64>(own, hessian, 8);
}

/** A hessian above 0 stays so: its row counts. */
function quantise(
  plan: GradientPlan,
  base: i32,
  first: i32,
  last: i32,
  gradientScale: f64,
  hessianScale: f64,
): void {
  for (let row = first; row < last; row++) {
    const at = (<usize>(base + row)) << 3;
    const gradient = <i32>nearest(load<f64>(plan.gradients + at) * gradientScale);
    const exact = load<f64>(plan.hessians + at) * hessianScale;
    const hessian = exact > 0 ? max(1, <i32>nearest(exact)) : 0;
    store<i32>(plan.packed + at, hessian);
    store<i32>(plan.packed + at, gradient, 4);
  }
}

/** Adds to each row's score the value of its leaf. */
export function addLeafValues(
  thread: i32,
  control: usize,
  scores: usize,
  leafOf: usize,
  values: usize,
  rows: i32,
): void {
  for (;;) {
    const first = atomic.add<i32>(control, chunk);
    if (first >= rows) return;
    const last = min(first + chunk, rows);
    for (let row = first; row < last; row++) {
      const at = scores + ((<usize>row) << 3);
      const leaf = <usize>load<u16>(leafOf + ((<usize>row) << 1));
      store<f64>(at, load<f64>(at) + load<f64>(values + (leaf << 3)));
    }
  }
}
