import { chebyshevSum } from './polynomial.ts';

/** exp(-|x|) I0(x), the scaled modified Bessel function of order 0, with a relative error below 2e-15. */
export function besselI0Scaled(x: number): number {
  const size = Math.abs(x);
  if (size <= 8) return Math.exp(-size) * series(size, 0);
  return chebyshevSum(ORDER_0, 16 / size - 1) / Math.sqrt(size);
}

/** exp(-|x|) I1(x), the scaled modified Bessel function of order 1, with a relative error below 2e-15. */
export function besselI1Scaled(x: number): number {
  const size = Math.abs(x);
  if (size <= 8) return 0.5 * x * Math.exp(-size) * series(size, 1);
  return (Math.sign(x) * chebyshevSum(ORDER_1, 16 / size - 1)) / Math.sqrt(size);
}

/** The power series over (x / 2)^order (DLMF 10.25.2); every term is positive. */
function series(x: number, order: number): number {
  const quarter = 0.25 * x * x;
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= quarter / (k * (k + order));
    sum += term;
  }
  return sum;
}

/** sqrt(x) exp(-x) I(x) from 8 on, in 16 / x - 1, from their values at 60 digits. */
const ORDER_0: readonly number[] = [
  0.4022452055070544, 0.0033691164782556943, 6.889758346916825e-5, 2.8913705208347567e-6,
  2.0489185894690638e-7, 2.266668990498178e-8, 3.3962320257083865e-9, 4.94060238822497e-10,
  1.1889147107846439e-11, -3.1499165279632416e-11, -1.3215811840447713e-11, -1.7941785315068062e-12,
  7.180124451383666e-13, 3.8527783827421426e-13, 1.54008621752141e-14, -4.150569347287222e-14,
  -9.554846698828307e-15, 3.8116806693526224e-15, 1.7725601330565263e-15, -3.4254856196772195e-16,
  -2.8276239805165836e-16, 3.461222867697477e-17, 4.465621420296738e-17, -4.830504485944371e-18,
  -7.233180487873652e-18, 9.921475412161323e-19, 1.193650890844124e-18,
];
const ORDER_1: readonly number[] = [
  0.38928811750914005, -0.009761097491361469, -0.00011058893876262371, -3.882564808877691e-6,
  -2.512236237870209e-7, -2.6314688468895196e-8, -3.835380385964237e-9, -5.589743462196584e-10,
  -1.8974958123505413e-11, 3.2526035830154884e-11, 1.4125807436613782e-11, 2.0356285441470896e-12,
  -7.198551776245908e-13, -4.0835511110921974e-13, -2.1015418427726643e-14, 4.272440016711951e-14,
  1.0420276984128802e-14, -3.8144030724370075e-15, -1.8803547755107825e-15, 3.3082023109209285e-16,
  2.96262899764595e-16, -3.2095259219934404e-17, -4.650305368489336e-17, 4.414348323071889e-18,
  7.51729631084099e-18, -9.314178867314006e-19, -1.2421932751930744e-18,
];
