import { normalCdf } from './normal-cdf.ts';

/**
 * P(X <= h, Y <= k) for standard normals of correlation rho, to an absolute error below 1e-15:
 * Gauss quadrature of Plackett's integral, beside |rho| = 1 with the singular part taken out
 * (Drezner and Wesolowsky 1990, Genz 2004). NaN for |rho| above 1.
 */
export function bivariateNormalCdf(h: number, k: number, rho: number): number {
  if (Number.isNaN(h + k) || !(Math.abs(rho) <= 1)) return Number.NaN;
  if (h === -Infinity || k === -Infinity) return 0;
  if (h === Infinity) return normalCdf(k);
  if (k === Infinity) return normalCdf(h);
  if (Math.abs(rho) < 0.925) return clamp(normalCdf(h) * normalCdf(k) + plackett(h, k, rho));
  if (rho > 0) return clamp(normalCdf(Math.min(h, k)) - nearLine(h, k, rho));
  // The mirror image in y, whose correlation is positive: P(X <= h) less P(X <= h, -Y <= -k).
  return clamp(Math.max(0, normalCdf(h) - normalCdf(-k)) + nearLine(h, -k, -rho));
}

function clamp(p: number): number {
  return Math.max(0, Math.min(1, p));
}

/** The integral over the correlation from 0 to rho, in its arc sine. */
function plackett(h: number, k: number, rho: number): number {
  const angle = Math.asin(rho);
  const half = 0.5 * (h * h + k * k);
  const sum = quadrature((t) => {
    const sine = Math.sin(angle * t);
    return Math.exp((sine * h * k - half) / (1 - sine * sine));
  });
  return (angle * sum) / (2 * Math.PI);
}

/** What rho below 1 takes from P(X <= min(h, k)); rho is at least 0.925. */
function nearLine(h: number, k: number, rho: number): number {
  const square = (1 - rho) * (1 + rho);
  if (square === 0) return 0;
  const width = Math.sqrt(square);
  const product = h * k;
  const gap = Math.abs(h - k);
  const gapSquare = gap * gap;
  const c = (4 - product) / 8;
  const d = (12 - product) / 16;
  const first = 1 - (c * (gapSquare - square) * (1 - (d * gapSquare) / 5)) / 3;
  const smooth = first + (c * d * square * square) / 5;
  let sum = width * exponential(gapSquare / square, product) * smooth;
  const series = gap * (1 - (c * gapSquare * (1 - (d * gapSquare) / 5)) / 3);
  const tail = Math.exp(-product / 2) * Math.sqrt(2 * Math.PI) * normalCdf(-gap / width);
  if (tail > 0) sum -= tail * series;
  sum +=
    width *
    quadrature((t) => {
      const x = (width * t) ** 2;
      const root = Math.sqrt(1 - x);
      const exact = Math.exp((-product * (1 - root)) / (2 * (1 + root))) / root;
      return exponential(gapSquare / x, product) * (exact - (1 + c * x * (1 + d * x)));
    });
  return sum / (2 * Math.PI);
}

function exponential(ratio: number, product: number): number {
  return Math.exp(-0.5 * (ratio + product));
}

/** Gauss and Legendre's rule of 20 points over [0, 1]. */
function quadrature(f: (t: number) => number): number {
  let sum = 0;
  for (let i = 0; i < NODES.length; i++) {
    const offset = 0.5 * NODES[i]!;
    sum += WEIGHTS[i]! * (f(0.5 - offset) + f(0.5 + offset));
  }
  return 0.5 * sum;
}

const NODES: readonly number[] = [
  0.07652652113349734, 0.22778585114164507, 0.37370608871541955, 0.5108670019508271,
  0.636053680726515, 0.7463319064601508, 0.8391169718222188, 0.912234428251326, 0.9639719272779138,
  0.9931285991850949,
];
const WEIGHTS: readonly number[] = [
  0.15275338713072584, 0.14917298647260374, 0.14209610931838204, 0.13168863844917664,
  0.11819453196151841, 0.10193011981724044, 0.08327674157670475, 0.06267204833410907,
  0.04060142980038694, 0.017614007139152118,
];
