/** What `writeShape` writes, in its order. */
export const SHAPE = ['centroid', 'bandwidth', 'rolloff', 'flatness', 'flux'] as const;

/**
 * The shape of one frame's spectrum, of sizes (roots of powers): its centre of mass and the deviation about
 * it in Hz, the frequency below which lie 85 % of its sum, flatness (geometric over arithmetic mean of the
 * powers, those below 1e-10 counted as that) and flux (distance of the sizes, each divided by their sum, from
 * the frame before). `before` holds that frame's shares and gets this one's. In silence centre, deviation,
 * rolloff and shares are 0 and flatness is 1.
 */
export function writeShape(
  power: Float64Array,
  rate: number,
  before: Float64Array,
  out: Float64Array,
): void {
  const bins = power.length;
  const step = rate / 2 / (bins - 1);
  let [sum, moment, logs, powers] = [0, 0, 0, 0];
  // Sixteen numbers of at least 1e-10 are multiplied before a logarithm is taken.
  let product = 1;
  for (let k = 0; k < bins; k++) {
    const own = power[k]!;
    const size = Math.sqrt(own);
    sum += size;
    moment += k * size;
    const floored = own > 1e-10 ? own : 1e-10;
    powers += floored;
    product *= floored;
    if ((k & 15) === 15) {
      logs += Math.log(product);
      product = 1;
    }
  }
  logs += Math.log(product);
  const scale = sum > 1e-30 ? 1 / sum : 0;
  const centre = moment * scale;
  let [spread, flux, below, rolloff] = [0, 0, 0, -1];
  for (let k = 0; k < bins; k++) {
    const share = Math.sqrt(power[k]!) * scale;
    spread += (k - centre) * (k - centre) * share;
    flux += (share - before[k]!) * (share - before[k]!);
    before[k] = share;
    below += share;
    if (rolloff < 0 && below >= 0.85) rolloff = k;
  }
  out[0] = centre * step;
  out[1] = Math.sqrt(spread) * step;
  out[2] = Math.max(0, rolloff) * step;
  out[3] = Math.exp(logs / bins) / (powers / bins);
  out[4] = Math.sqrt(flux);
}
