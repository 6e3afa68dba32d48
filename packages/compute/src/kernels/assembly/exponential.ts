/** 1/0! to 1/13!, over which e^r is within an ulp or two for |r| <= ln 2 / 2. */
const t2: f64 = 0.5;
const t3: f64 = 0.16666666666666666;
const t4: f64 = 0.041666666666666664;
const t5: f64 = 0.008333333333333333;
const t6: f64 = 0.001388888888888889;
const t7: f64 = 0.0001984126984126984;
const t8: f64 = 0.0000248015873015873;
const t9: f64 = 0.0000027557319223985893;
const t10: f64 = 2.755731922398589e-7;
const t11: f64 = 2.505210838544172e-8;
const t12: f64 = 2.08767569878681e-9;
const t13: f64 = 1.6059043836821613e-10;

const perBit: f64 = 1.4426950408889634;
const bitHigh: f64 = 0.6931471803691238;
const bitLow: f64 = 1.9082149292705877e-10;
/** Added to a small whole number, leaves it in the low bits of the double. */
const shift: f64 = 6755399441055744;

@inline
function step(sum: v128, r: v128, next: f64): v128 {
  return f64x2.add(f64x2.mul(sum, r), f64x2.splat(next));
}

/** e^x of two doubles; x is held to [-708, 708], where the result is normal. */
export function exponential(x: v128): v128 {
  const held = f64x2.min(f64x2.max(x, f64x2.splat(-708)), f64x2.splat(708));
  const shifted = f64x2.add(f64x2.mul(held, f64x2.splat(perBit)), f64x2.splat(shift));
  const bits = f64x2.sub(shifted, f64x2.splat(shift));
  let r = f64x2.sub(held, f64x2.mul(bits, f64x2.splat(bitHigh)));
  r = f64x2.sub(r, f64x2.mul(bits, f64x2.splat(bitLow)));
  let sum = step(f64x2.splat(t13), r, t12);
  sum = step(sum, r, t11);
  sum = step(sum, r, t10);
  sum = step(sum, r, t9);
  sum = step(sum, r, t8);
  sum = step(sum, r, t7);
  sum = step(sum, r, t6);
  sum = step(sum, r, t5);
  sum = step(sum, r, t4);
  sum = step(sum, r, t3);
  sum = step(sum, r, t2);
  sum = step(sum, r, 1);
  sum = step(sum, r, 1);
  const power = i64x2.shl(i64x2.add(shifted, i64x2.splat(1023)), 52);
  return f64x2.mul(sum, power);
}
