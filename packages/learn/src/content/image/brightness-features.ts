import type { Named } from './colour-features.ts';
import type { Plane } from './pixels.ts';

/**
 * Of the brightness from 0 to 255: contrast (its deviation over 255), the range between its 5th and 95th
 * hundredth (over 255), sharpness (log(1 + variance of the Laplacian), which blur lowers) and entropy (bits,
 * of 256 bins).
 */
export function brightnessFeatures(luma: Plane): Named {
  const { values } = luma;
  const counts = new Float64Array(256);
  for (let at = 0; at < values.length; at++) counts[Math.round(values[at]!)]! += 1;
  const [low, high] = [hundredth(counts, 5), hundredth(counts, 95)];
  return [
    ['contrast', Math.sqrt(varianceOf(values)) / 255],
    ['brightness-range', (high - low) / 255],
    ['sharpness', Math.log1p(varianceOf(laplacian(luma)))],
    ['entropy', entropyOf(counts)],
  ];
}

function varianceOf(values: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at]!;
  const mean = sum / values.length;
  let squares = 0;
  for (let at = 0; at < values.length; at++) squares += (values[at]! - mean) ** 2;
  return squares / values.length;
}

/** The four neighbours less four times the pixel; beyond the edge lies the edge again. */
function laplacian({ width, height, values }: Plane): Float64Array {
  const out = new Float64Array(values.length);
  for (let row = 0; row < height; row++) {
    const own = row * width;
    const above = Math.max(0, row - 1) * width;
    const below = Math.min(height - 1, row + 1) * width;
    for (let x = 0; x < width; x++) {
      const left = values[own + (x > 0 ? x - 1 : x)]!;
      const right = values[own + (x < width - 1 ? x + 1 : x)]!;
      const vertical = values[above + x]! + values[below + x]!;
      out[own + x] = left + right + vertical - 4 * values[own + x]!;
    }
  }
  return out;
}

/** The least value that so many of a hundred do not pass. */
function hundredth(counts: Float64Array, part: number): number {
  const wanted = (part / 100) * counts.reduce((sum, value) => sum + value, 0);
  let sum = 0;
  for (let value = 0; value < counts.length; value++) {
    sum += counts[value]!;
    if (sum >= wanted) return value;
  }
  return counts.length - 1;
}

function entropyOf(counts: Float64Array): number {
  const total = counts.reduce((sum, value) => sum + value, 0);
  return counts.reduce((sum, value) => {
    const share = value / total;
    return share > 0 ? sum - share * Math.log2(share) : sum;
  }, 0);
}
