import { takeChunk } from './work';
import { addScaled, dot, sums } from './vector';

/**
 * Solves the least squares of many rows of an implicit factorisation in whitened coordinates: for the row
 * with entries i of weight a_i = alpha w_i, x = (I + sum a_i z_i z_i')^-1 sum (1 + a_i) z_i.
 * Up to `dualLimit` entries exactly, as a system of as many unknowns as there are entries; above, by
 * conjugate gradients (the spectrum lies within 1 and 1 + max a, so that few steps do).
 *
 * z has columns that are a multiple of 8, and a row of zeros at `zero`. With `spectrum` (else 0), the
 * coordinates are those of eigenvectors instead: the row's own penalty is added to the spectrum, its
 * entries are scaled by (spectrum + penalty)^-1/2 and so is the result.
 *
 * With `predictions` (by entry, else 0), x is a step from where the row stands instead: out holds what the
 * right side has beside the entries, which add (1 + a_i - a_i prediction_i) z_i, and predictions move along.
 * `starts` are then the rows' own coordinates, from which `spectrum` takes their penalties.
 */
export function solve(
  thread: i32,
  control: usize,
  order: usize,
  rows: i32,
  offsets: usize,
  indices: usize,
  weights: usize,
  alpha: f32,
  z: usize,
  columns: i32,
  zero: usize,
  spectrum: usize,
  penalties: usize,
  predictions: usize,
  starts: usize,
  out: usize,
  scratch: usize,
  scratchBytes: i32,
  dualLimit: i32,
  tolerance: f32,
  maxSteps: i32,
): void {
  const mine = scratch + thread * scratchBytes;
  const stride = (<usize>columns) << 2;
  for (;;) {
    const first = takeChunk(control, 8, rows);
    if (first < 0) return;
    const last = min(first + 8, rows);
    for (let at: i32 = first; at < last; at++) {
      const row = load<i32>(order + ((<usize>at) << 2));
      const begin = load<i32>(offsets + ((<usize>row) << 2));
      const count = load<i32>(offsets + ((<usize>row) << 2), 4) - begin;
      const x = out + row * stride;
      if (count == 0 && predictions == 0) {
        memory.fill(x, 0, stride);
        continue;
      }
      // Scratch: pointers and weights of the entries, the row's scale, vectors or matrix, scaled entries.
      const padded = (count + 3) & ~3;
      const pointers = mine;
      const entryWeights = pointers + ((<usize>padded) << 2);
      const scales = (entryWeights + ((<usize>padded) << 2) + 15) & ~15;
      const space = scales + stride;
      let touched: u32 = 0;
      for (let i: i32 = 0; i < padded; i++) {
        const there = i < count;
        const entry = <usize>(begin + i) << 2;
        const from = there ? z + load<i32>(indices + entry) * stride : zero;
        const weight: f32 = weights != 0 && there ? load<f32>(weights + entry) : 1;
        store<u32>(pointers + ((<usize>i) << 2), <u32>from);
        touched |= touch(from, stride);
        store<f32>(entryWeights + ((<usize>i) << 2), there ? alpha * weight : 0);
      }
      store<u32>(space, touched);
      const dual = count <= dualLimit;
      const known = predictions == 0 ? 0 : predictions + ((<usize>begin) << 2);
      if (spectrum != 0) {
        const penalty = load<f32>(penalties + ((<usize>row) << 2));
        const bytes: usize = dual ? ((<usize>(padded + 2) * padded) << 2) : 3 * stride;
        scaleEntries(spectrum, penalty, scales, pointers, count, columns, (space + bytes + 15) & ~15);
        if (known) {
          addScaled(x, starts + row * stride, -penalty, columns);
          multiplyBy(x, scales, columns);
        }
      }
      if (known) addTargets(pointers, entryWeights, known, count, columns, x);
      if (dual) solveDual(pointers, entryWeights, padded, columns, space, x, known != 0);
      else {
        const from = known ? x : 0;
        solveGradients(pointers, entryWeights, padded, columns, space, from, x, tolerance, maxSteps);
      }
      if (known) movePredictions(pointers, known, count, columns, x);
      if (spectrum != 0) multiplyBy(x, scales, columns);
    }
  }
}

/**
 * Reads one word of each cache line. The entries of a row lie anywhere in memory: asking for all their lines
 * at once lets the misses overlap, where the products would wait for one after another.
 */
// @ts-ignore: decorator
@inline
function touch(from: usize, bytes: usize): u32 {
  let all: u32 = 0;
  for (const end = from + bytes; from < end; from += 64) all |= load<u32>(from);
  return all;
}

function scaleEntries(
  spectrum: usize,
  penalty: f32,
  scales: usize,
  pointers: usize,
  count: i32,
  columns: i32,
  copies: usize,
): void {
  const stride = (<usize>columns) << 2;
  for (let i: usize = 0; i < stride; i += 4) {
    store<f32>(scales + i, 1 / sqrt<f32>(load<f32>(spectrum + i) + penalty));
  }
  for (let entry: i32 = 0; entry < count; entry++) {
    const copy = copies + entry * stride;
    memory.copy(copy, load<u32>(pointers + ((<usize>entry) << 2)), stride);
    multiplyBy(copy, scales, columns);
    store<u32>(pointers + ((<usize>entry) << 2), <u32>copy);
  }
}

function multiplyBy(x: usize, scales: usize, columns: i32): void {
  for (let i: usize = 0, end = (<usize>columns) << 2; i < end; i += 16) {
    v128.store(x + i, f32x4.mul(v128.load(x + i), v128.load(scales + i)));
  }
}

/** x += sum of (1 + a - a prediction) z. */
function addTargets(
  pointers: usize,
  weights: usize,
  predictions: usize,
  count: i32,
  columns: i32,
  x: usize,
): void {
  for (let i: usize = 0, end = (<usize>count) << 2; i < end; i += 4) {
    const weight = load<f32>(weights + i);
    const target: f32 = <f32>1 + weight - weight * load<f32>(predictions + i);
    addScaled(x, load<u32>(pointers + i), target, columns);
  }
}

function movePredictions(
  pointers: usize,
  predictions: usize,
  count: i32,
  columns: i32,
  x: usize,
): void {
  for (let i: usize = 0, end = (<usize>count) << 2; i < end; i += 4) {
    const moved = load<f32>(predictions + i) + dot(load<u32>(pointers + i), x, columns);
    store<f32>(predictions + i, moved);
  }
}

/**
 * x = Z' s with s = C^1/2 (I + C^1/2 Z Z' C^1/2)^-1 C^-1/2 b, the same solution by the identity
 * (I + Z' C Z)^-1 Z' = Z' (I + C Z Z')^-1. With `given`, x holds any right side r and becomes
 * r - Z' C^1/2 (I + C^1/2 Z Z' C^1/2)^-1 C^1/2 Z r.
 */
function solveDual(
  pointers: usize,
  weights: usize,
  padded: i32,
  columns: i32,
  space: usize,
  x: usize,
  given: bool,
): void {
  const stride = (<usize>padded) << 2;
  const matrix = space;
  const right = matrix + padded * stride;
  const roots = right + stride;
  for (let i: usize = 0; i < stride; i += 4) {
    const weight = load<f32>(weights + i);
    const root = sqrt<f32>(weight);
    store<f32>(roots + i, root);
    let value: f32 = weight > 0 ? (1 + weight) / root : 0;
    if (given) value = root * dot(load<u32>(pointers + i), x, columns);
    store<f32>(right + i, value);
  }
  for (let i: i32 = 0; i < padded; i += 4) {
    for (let j: i32 = 0; j < i + 4; j += 2) {
      kernelTile(pointers, i, j, columns, matrix, stride, roots);
    }
  }
  for (let i: i32 = 0; i < padded; i++) {
    const at = matrix + i * stride + ((<usize>i) << 2);
    store<f32>(at, load<f32>(at) + 1);
  }
  solveDefinite(matrix, right, padded);
  for (let i: usize = 0; i < stride; i += 16) {
    v128.store(right + i, f32x4.mul(v128.load(right + i), v128.load(roots + i)));
  }
  if (!given) return combine(pointers, right, padded, columns, x);
  for (let i: usize = 0; i < stride; i += 4) {
    addScaled(x, load<u32>(pointers + i), -load<f32>(right + i), columns);
  }
}

/** Inner products of entries i to i + 3 with j and j + 1, scaled by the roots of their weights. */
function kernelTile(
  pointers: usize,
  i: i32,
  j: i32,
  columns: i32,
  matrix: usize,
  stride: usize,
  roots: usize,
): void {
  const at = pointers + ((<usize>i) << 2);
  let a0: usize = load<u32>(at, 0);
  const a1: usize = load<u32>(at, 4) - a0;
  const a2: usize = load<u32>(at, 8) - a0;
  const a3: usize = load<u32>(at, 12) - a0;
  const b0: usize = load<u32>(pointers + ((<usize>j) << 2), 0) - a0;
  const b1: usize = load<u32>(pointers + ((<usize>j) << 2), 4) - a0;
  let s00 = f32x4.splat(0);
  let s10 = f32x4.splat(0);
  let s20 = f32x4.splat(0);
  let s30 = f32x4.splat(0);
  let s01 = f32x4.splat(0);
  let s11 = f32x4.splat(0);
  let s21 = f32x4.splat(0);
  let s31 = f32x4.splat(0);
  for (const end = a0 + ((<usize>columns) << 2); a0 < end; a0 += 16) {
    const y0 = v128.load(a0 + b0);
    const y1 = v128.load(a0 + b1);
    let v = v128.load(a0);
    s00 = f32x4.add(s00, f32x4.mul(v, y0));
    s01 = f32x4.add(s01, f32x4.mul(v, y1));
    v = v128.load(a0 + a1);
    s10 = f32x4.add(s10, f32x4.mul(v, y0));
    s11 = f32x4.add(s11, f32x4.mul(v, y1));
    v = v128.load(a0 + a2);
    s20 = f32x4.add(s20, f32x4.mul(v, y0));
    s21 = f32x4.add(s21, f32x4.mul(v, y1));
    v = v128.load(a0 + a3);
    s30 = f32x4.add(s30, f32x4.mul(v, y0));
    s31 = f32x4.add(s31, f32x4.mul(v, y1));
  }
  const scale = v128.load(roots + ((<usize>i) << 2));
  const root = roots + ((<usize>j) << 2);
  const out = matrix + j * stride + ((<usize>i) << 2);
  const first = f32x4.mul(f32x4.mul(sums(s00, s10, s20, s30), scale), v128.load_splat<f32>(root));
  v128.store(out, first);
  const second = f32x4.mul(
    f32x4.mul(sums(s01, s11, s21, s31), scale),
    v128.load_splat<f32>(root, 4),
  );
  v128.store(out + stride, second);
}

/** Solves matrix t = right in place of right, by Cholesky in place of the upper triangle. */
function solveDefinite(matrix: usize, right: usize, n: i32): void {
  const stride = (<usize>n) << 2;
  for (let k: i32 = 0; k < n; k++) {
    const row = matrix + k * stride;
    const inverse: f32 = 1 / sqrt<f32>(load<f32>(row + ((<usize>k) << 2)));
    for (let i = (<usize>k) << 2; i < stride; i += 4) {
      store<f32>(row + i, load<f32>(row + i) * inverse);
    }
    // The pivot's place holds its inverse from here on: only the two substitutions read it.
    store<f32>(row + ((<usize>k) << 2), inverse);
    for (let i: i32 = k + 1; i < n; i++) {
      const from = (<usize>(i & ~3)) << 2;
      const value = load<f32>(row + ((<usize>i) << 2));
      addScaled(matrix + i * stride + from, row + from, -value, n - (i & ~3));
    }
    const found = load<f32>(right + ((<usize>k) << 2)) * inverse;
    for (let i = (<usize>(k + 1)) << 2; i < stride; i += 4) {
      store<f32>(right + i, load<f32>(right + i) - load<f32>(row + i) * found);
    }
    store<f32>(right + ((<usize>k) << 2), found);
  }
  for (let k: i32 = n - 1; k >= 0; k--) {
    const row = matrix + k * stride;
    let rest = load<f32>(right + ((<usize>k) << 2));
    for (let i = (<usize>(k + 1)) << 2; i < stride; i += 4) {
      rest -= load<f32>(row + i) * load<f32>(right + i);
    }
    store<f32>(right + ((<usize>k) << 2), rest * load<f32>(row + ((<usize>k) << 2)));
  }
}

/** x = sum of coefficient times entry. */
function combine(
  pointers: usize,
  coefficients: usize,
  padded: i32,
  columns: i32,
  x: usize,
): void {
  const end = (<usize>columns) << 2;
  const last = (<usize>padded) << 2;
  let at: usize = 0;
  for (; at + 128 <= end; at += 128) {
    let s0 = f32x4.splat(0);
    let s1 = f32x4.splat(0);
    let s2 = f32x4.splat(0);
    let s3 = f32x4.splat(0);
    let s4 = f32x4.splat(0);
    let s5 = f32x4.splat(0);
    let s6 = f32x4.splat(0);
    let s7 = f32x4.splat(0);
    for (let i: usize = 0; i < last; i += 4) {
      const c = v128.load_splat<f32>(coefficients + i);
      const from: usize = load<u32>(pointers + i) + at;
      s0 = f32x4.add(s0, f32x4.mul(c, v128.load(from)));
      s1 = f32x4.add(s1, f32x4.mul(c, v128.load(from, 16)));
      s2 = f32x4.add(s2, f32x4.mul(c, v128.load(from, 32)));
      s3 = f32x4.add(s3, f32x4.mul(c, v128.load(from, 48)));
      s4 = f32x4.add(s4, f32x4.mul(c, v128.load(from, 64)));
      s5 = f32x4.add(s5, f32x4.mul(c, v128.load(from, 80)));
      s6 = f32x4.add(s6, f32x4.mul(c, v128.load(from, 96)));
      s7 = f32x4.add(s7, f32x4.mul(c, v128.load(from, 112)));
    }
    v128.store(x + at, s0);
    v128.store(x + at, s1, 16);
    v128.store(x + at, s2, 32);
    v128.store(x + at, s3, 48);
    v128.store(x + at, s4, 64);
    v128.store(x + at, s5, 80);
    v128.store(x + at, s6, 96);
    v128.store(x + at, s7, 112);
  }
  for (; at < end; at += 32) {
    let s0 = f32x4.splat(0);
    let s1 = f32x4.splat(0);
    for (let i: usize = 0; i < last; i += 4) {
      const c = v128.load_splat<f32>(coefficients + i);
      const from: usize = load<u32>(pointers + i) + at;
      s0 = f32x4.add(s0, f32x4.mul(c, v128.load(from)));
      s1 = f32x4.add(s1, f32x4.mul(c, v128.load(from, 16)));
    }
    v128.store(x + at, s0);
    v128.store(x + at, s1, 16);
  }
}

/** By conjugate gradients from 0, for the right side at `from`, or for that of the entries where it is 0. */
function solveGradients(
  pointers: usize,
  weights: usize,
  padded: i32,
  columns: i32,
  space: usize,
  from: usize,
  x: usize,
  tolerance: f32,
  maxSteps: i32,
): void {
  const stride = (<usize>columns) << 2;
  const residual = space;
  const direction = residual + stride;
  const image = direction + stride;
  if (from) memory.copy(residual, from, stride);
  else {
    memory.fill(residual, 0, stride);
    for (let i: usize = 0, end = (<usize>padded) << 2; i < end; i += 4) {
      const weight = load<f32>(weights + i);
      if (weight > 0) addScaled(residual, load<u32>(pointers + i), 1 + weight, columns);
    }
  }
  memory.fill(x, 0, stride);
  memory.copy(direction, residual, stride);
  let squared = dot(residual, residual, columns);
  const enough = squared * tolerance * tolerance;
  for (let step: i32 = 0; step < maxSteps && squared > enough; step++) {
    memory.copy(image, direction, stride);
    for (let i: usize = 0, end = (<usize>padded) << 2; i < end; i += 16) {
      applyFour(pointers + i, weights + i, direction, image, columns);
    }
    const length = squared / dot(direction, image, columns);
    addScaled(x, direction, length, columns);
    addScaled(residual, image, -length, columns);
    const next = dot(residual, residual, columns);
    const ratio = f32x4.splat(next / squared);
    squared = next;
    for (let i: usize = 0; i < stride; i += 16) {
      const turned = f32x4.mul(ratio, v128.load(direction + i));
      v128.store(direction + i, f32x4.add(v128.load(residual + i), turned));
    }
  }
}

/** image += sum over four entries of a (z . direction) z. */
function applyFour(
  pointers: usize,
  weights: usize,
  direction: usize,
  image: usize,
  columns: i32,
): void {
  const z0: usize = load<u32>(pointers, 0);
  const z1: usize = load<u32>(pointers, 4);
  const z2: usize = load<u32>(pointers, 8);
  const z3: usize = load<u32>(pointers, 12);
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let s2 = f32x4.splat(0);
  let s3 = f32x4.splat(0);
  const end = (<usize>columns) << 2;
  for (let i: usize = 0; i < end; i += 16) {
    const p = v128.load(direction + i);
    s0 = f32x4.add(s0, f32x4.mul(p, v128.load(z0 + i)));
    s1 = f32x4.add(s1, f32x4.mul(p, v128.load(z1 + i)));
    s2 = f32x4.add(s2, f32x4.mul(p, v128.load(z2 + i)));
    s3 = f32x4.add(s3, f32x4.mul(p, v128.load(z3 + i)));
  }
  const t = f32x4.mul(sums(s0, s1, s2, s3), v128.load(weights));
  const t0 = v128.shuffle<f32>(t, t, 0, 0, 0, 0);
  const t1 = v128.shuffle<f32>(t, t, 1, 1, 1, 1);
  const t2 = v128.shuffle<f32>(t, t, 2, 2, 2, 2);
  const t3 = v128.shuffle<f32>(t, t, 3, 3, 3, 3);
  for (let i: usize = 0; i < end; i += 16) {
    const first = f32x4.add(f32x4.mul(t0, v128.load(z0 + i)), f32x4.mul(t1, v128.load(z1 + i)));
    const second = f32x4.add(f32x4.mul(t2, v128.load(z2 + i)), f32x4.mul(t3, v128.load(z3 + i)));
    v128.store(image + i, f32x4.add(v128.load(image + i), f32x4.add(first, second)));
  }
}
