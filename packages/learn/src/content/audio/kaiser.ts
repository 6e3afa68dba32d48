/**
 * sin(pi x) / (pi x) at `places` from a centre, cut off at `band` of the half rate, under a Kaiser window
 * that ends at `reach`, scaled to a sum of 1. A beta of 9 puts what is let through wrongly 90 dB down.
 */
export function windowedSinc(places: Float64Array, band: number, reach: number): Float64Array {
  const weights = places.map((place) => {
    const share = place / reach;
    if (Math.abs(share) >= 1) return 0;
    const angle = Math.PI * place * band;
    const sinc = angle === 0 ? 1 : Math.sin(angle) / angle;
    return sinc * besselI0(BETA * Math.sqrt(1 - share * share));
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

const BETA = 9;

/** The modified Bessel function of order 0, by its power series, which converges everywhere. */
function besselI0(x: number): number {
  const quarter = (x * x) / 4;
  let [term, sum] = [1, 1];
  for (let k = 1; term > 1e-17 * sum; k++) {
    term *= quarter / (k * k);
    sum += term;
  }
  return sum;
}
