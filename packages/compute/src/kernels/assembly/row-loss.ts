/** What a row loses at its score, its first and second derivative: the twin of linear/row-loss.ts. */
export let lossValue: f64 = 0;
export let lossSlope: f64 = 0;
export let lossCurvature: f64 = 0;

const squared: i32 = 0;
const logistic: i32 = 1;
const poisson: i32 = 2;
const gamma: i32 = 3;
const tweedie: i32 = 4;
const squaredHinge: i32 = 5;
const hinge: i32 = 6;
const squaredInsensitive: i32 = 7;
const insensitive: i32 = 8;
export const softmax: i32 = 9;

function give(value: f64, slope: f64, curvature: f64): void {
  lossValue = value;
  lossSlope = slope;
  lossCurvature = curvature;
}

/** Sets the three numbers above for a row's score and target. */
export function rowLoss(loss: i32, score: f64, y: f64, first: f64, second: f64): void {
  if (loss == logistic) return logisticLoss(score, y);
  if (loss == squared) return give(0.5 * (score - y) * (score - y), score - y, 1);
  if (loss == poisson) {
    const mean = Math.exp(score);
    return give(mean - y * score, mean - y, mean);
  }
  if (loss == gamma) {
    const ratio = y * Math.exp(-score);
    return give(score + ratio, 1 - ratio, ratio);
  }
  if (loss == tweedie) {
    const one = y * Math.exp(score * (1 - first));
    const two = Math.exp(score * (2 - first));
    const value = two / (2 - first) - one / (1 - first);
    return give(value, two - one, (2 - first) * two - (1 - first) * one);
  }
  if (loss == squaredHinge) {
    const gap = max(0, 1 - y * score);
    return give(gap * gap, -2 * y * gap, gap > 0 ? 2 : 0);
  }
  if (loss == hinge) {
    smoothed(1 - y * score, second);
    lossSlope *= -y;
    return;
  }
  const side: f64 = score > y ? 1 : -1;
  const gap = side * (score - y) - first;
  if (loss == insensitive) {
    smoothed(gap, second);
    lossSlope *= side;
    return;
  }
  if (loss == squaredInsensitive && gap > 0) return give(gap * gap, 2 * side * gap, 2);
  give(0, 0, 0);
}

/** max(0, gap), a parabola where the gap is below the width. */
function smoothed(gap: f64, width: f64): void {
  if (gap <= 0) give(0, 0, 0);
  else if (gap < width) give((0.5 * gap * gap) / width, gap / width, 1 / width);
  else give(gap - 0.5 * width, 1, 0);
}

function logisticLoss(score: f64, y: f64): void {
  const power = Math.exp(-abs(score));
  const far = power / (1 + power);
  // The slope of the nearer tail is not taken from 1, so that it keeps its digits.
  const slope = score >= 0 ? (1 - y) - far : far - y;
  const curvature = power / ((1 + power) * (1 + power));
  give(Math.log1p(power) + max(0, score) - y * score, slope, curvature);
}
