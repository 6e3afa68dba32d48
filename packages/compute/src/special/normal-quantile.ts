import { erfcx } from './error-function.ts';
import { log1mExp } from './log-exp.ts';
import { expMinusHalfSquare, logNormalCdf, normalCdf } from './normal-cdf.ts';

/**
 * The standard normal quantile of p, with a relative error below 1e-15 for p from the smallest
 * double to 1 - 2^-53: AS 241 (Wichura 1988), and one step of Halley's method in the tails. The
 * upper tail is `-normalQuantile(q)`. -Infinity at 0, Infinity at 1, NaN outside.
 */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : Number.NaN;
  // From one half to one the difference to one is exact.
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p < 1e-290) return lowerQuantile(Math.log(p));
  const z = unitNormalQuantile(p);
  if (p > 0.075) return z;
  const miss = (normalCdf(z) - p) / (INVERSE_ROOT_TWO_PI * expMinusHalfSquare(z));
  return z - miss / (1 + 0.5 * z * miss);
}

/** The standard normal quantile of exp(logP), for logP at most 0: reaches as far as doubles do. */
export function normalQuantileLog(logP: number): number {
  if (!(logP < 0)) return logP === 0 ? Infinity : Number.NaN;
  if (logP === -Infinity) return -Infinity;
  if (logP > -Math.LN2 - 0.1) {
    const q = 0.5 * Math.expm1(logP + Math.LN2);
    if (q <= 0.425) return q * central(0.180625 - q * q);
    return -lowerQuantile(log1mExp(logP));
  }
  return logP > -2.5 ? normalQuantile(Math.exp(logP)) : lowerQuantile(logP);
}

/**
 * Newton's method on the logarithm of the tail, which is nearly a parabola; logP is below -2.5.
 */
function lowerQuantile(logP: number): number {
  let z = -farQuantile(logP);
  for (let i = 0; i < 8; i++) {
    const hazard = Math.sqrt(2 / Math.PI) / erfcx(-z * Math.SQRT1_2);
    const miss = (logNormalCdf(z) - logP) / hazard;
    // The curvature of log cdf is -h (z + h): a Halley step.
    const step = miss / (1 + 0.5 * miss * (z + hazard));
    z -= step;
    if (Math.abs(step) < 1e-6 * -z) break;
  }
  return z;
}

function farQuantile(logP: number): number {
  const r = Math.sqrt(-logP);
  if (r < 27) return tailQuantile(r);
  return Math.sqrt(2 * r * r - Math.log(4 * Math.PI * r * r));
}

const INVERSE_ROOT_TWO_PI = 0.3989422804014327;

/**
 * The standard normal quantile in one pass, to about 1e-15 relative: algorithm AS 241, PPND16, of
 * Wichura (1988). Probabilities are within (0, 1); `normalQuantile` polishes it and takes the
 * edges.
 */
export function unitNormalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * central(0.180625 - q * q);
  const size = tailQuantile(Math.sqrt(-Math.log(q < 0 ? p : 1 - p)));
  return q < 0 ? -size : size;
}

/** The size of the quantile whose tail probability is exp(-r^2), for r from 1.6 to 27. */
function tailQuantile(r: number): number {
  return r <= 5 ? middle(r - 1.6) : far(r - 5);
}

function central(r: number): number {
  const above =
    ((((((2509.0809287301227 * r + 33430.57558358813) * r + 67265.7709270087) * r +
      45921.95393154987) *
      r +
      13731.69376550946) *
      r +
      1971.5909503065513) *
      r +
      133.14166789178438) *
      r +
    3.3871328727963665;
  const below =
    ((((((5226.495278852854 * r + 28729.085735721943) * r + 39307.89580009271) * r +
      21213.794301586597) *
      r +
      5394.196021424751) *
      r +
      687.1870074920579) *
      r +
      42.31333070160091) *
      r +
    1;
  return above / below;
}

function middle(r: number): number {
  const above =
    ((((((0.0007745450142783414 * r + 0.022723844989269184) * r + 0.2417807251774506) * r +
      1.2704582524523684) *
      r +
      3.6478483247632045) *
      r +
      5.769497221460691) *
      r +
      4.630337846156546) *
      r +
    1.4234371107496835;
  const below =
    ((((((1.0507500716444169e-9 * r + 0.0005475938084995345) * r + 0.015198666563616457) * r +
      0.14810397642748008) *
      r +
      0.6897673349851) *
      r +
      1.6763848301838038) *
      r +
      2.053191626637759) *
      r +
    1;
  return above / below;
}

function far(r: number): number {
  const above =
    ((((((2.0103343992922881e-7 * r + 2.7115555687434876e-5) * r + 0.0012426609473880784) * r +
      0.026532189526576124) *
      r +
      0.29656057182850487) *
      r +
      1.7848265399172913) *
      r +
      5.463784911164114) *
      r +
    6.657904643501103;
  const below =
    ((((((2.0442631033899397e-15 * r + 1.421511758316446e-7) * r + 1.8463183175100548e-5) * r +
      0.0007868691311456133) *
      r +
      0.014875361290850615) *
      r +
      0.1369298809227358) *
      r +
      0.599832206555888) *
      r +
    1;
  return above / below;
}
