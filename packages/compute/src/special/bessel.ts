import { polynomial } from './polynomial.ts';

/**
 * exp(-|x|) I0(x), the scaled modified Bessel function of order 0, with a relative error below
 * 2e-15.
 */
export function besselI0Scaled(x: number): number {
  const size = Math.abs(x);
  if (size <= 8) return Math.exp(-size) * series(size, 0);
  return polynomial(ORDER_0, 16 / size - 1) / Math.sqrt(size);
}

/**
 * exp(-|x|) I1(x), the scaled modified Bessel function of order 1, with a relative error below
 * 2e-15.
 */
export function besselI1Scaled(x: number): number {
  const size = Math.abs(x);
  if (size <= 8) return 0.5 * x * Math.exp(-size) * series(size, 1);
  return (Math.sign(x) * polynomial(ORDER_1, 16 / size - 1)) / Math.sqrt(size);
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
  0.4021765094450081, 0.0033605519836678614, 0.0001362160743919305, 1.1143033790932038e-5,
  1.4838475658279249e-6, 2.9735985885673923e-7, 8.872219737904054e-8, 3.932584334552952e-8,
  2.1548377974791598e-8, 7.55469188124881e-9, -6.747657956107541e-9, -1.3408917540089745e-8,
  -5.4047715675798986e-9, 7.552583062123396e-9, 7.4304646503252865e-9, -3.505966530879349e-9,
  -5.953569438264673e-9, 1.5200816953924414e-9, 3.637954635900889e-9, -5.715843864202832e-10,
  -1.6189806836245337e-9, 1.527920269498204e-10, 4.5770876316430635e-10, -2.0260604287414417e-11,
  -6.067631570602082e-11,
];
const ORDER_1: readonly number[] = [
  0.38939845902587233, -0.009749577193235737, -0.00021923576383388928, -1.5038547200567216e-5,
  -1.8349101326980946e-6, -3.483855761044295e-7, -1.0001288294864884e-7, -4.312917729178349e-8,
  -2.3373928208142642e-8, -8.427766093735185e-9, 6.734464815301609e-9, 1.4034238782067188e-8,
  5.974437608040204e-9, -7.64239413436357e-9, -7.888351507861937e-9, 3.4262341490078123e-9,
  6.242741219786225e-9, -1.438725053304119e-9, -3.794670896208111e-9, 5.295625441161379e-10,
  1.6848984479703649e-9, -1.401162517977108e-10, -4.758818838703288e-10, 1.8515118828853715e-11,
  6.305965197149121e-11,
];
