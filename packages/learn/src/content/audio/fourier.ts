/** The discrete Fourier transform of complex numbers of a length, in place: sum of x[n] exp(-2 pi i k n / N). */
interface Fourier {
  transform(re: Float64Array, im: Float64Array): void;
}

/** The transform of real numbers of a length. It has buffers of its own, used again by each call. */
interface RealFourier {
  readonly size: number;
  /** floor(size / 2) + 1: the frequencies from 0 to half the rate; the others mirror them. */
  readonly bins: number;
  /** Writes `bins` numbers to both; `values` are left as they are. */
  transform(values: Float64Array, re: Float64Array, im: Float64Array): void;
}

/**
 * Of any length above 0: an even one by half as many complex numbers; powers of two two stages at a time
 * (Cooley and Tukey 1965), other lengths as a convolution with a chirp (Bluestein 1970).
 */
export function realFourier(size: number): RealFourier {
  return size % 2 === 0 ? evenFourier(size) : oddFourier(size);
}

function oddFourier(size: number): RealFourier {
  const whole = complexFourier(size);
  const bins = (size + 1) / 2;
  const [x, y] = [new Float64Array(size), new Float64Array(size)];
  return {
    size,
    bins,
    transform: (values, re, im) => {
      x.set(values);
      y.fill(0);
      whole.transform(x, y);
      re.set(x.subarray(0, bins));
      im.set(y.subarray(0, bins));
    },
  };
}

function evenFourier(size: number): RealFourier {
  const half = size / 2;
  const inner = complexFourier(half);
  const { cos, sin } = circle(size, half + 1);
  const [x, y] = [new Float64Array(half), new Float64Array(half)];
  return {
    size,
    bins: half + 1,
    transform: (values, re, im) => {
      for (let at = 0; at < half; at++) {
        x[at] = values[2 * at]!;
        y[at] = values[2 * at + 1]!;
      }
      inner.transform(x, y);
      for (let k = 0; k <= half; k++) {
        const own = k === half ? 0 : k;
        const mirror = k === 0 ? 0 : half - k;
        const evenRe = 0.5 * (x[own]! + x[mirror]!);
        const evenIm = 0.5 * (y[own]! - y[mirror]!);
        const oddRe = 0.5 * (y[own]! + y[mirror]!);
        const oddIm = 0.5 * (x[mirror]! - x[own]!);
        re[k] = evenRe + cos[k]! * oddRe - sin[k]! * oddIm;
        im[k] = evenIm + cos[k]! * oddIm + sin[k]! * oddRe;
      }
    },
  };
}

function complexFourier(size: number): Fourier {
  return (size & (size - 1)) === 0 ? powerOfTwo(size) : bluestein(size);
}

/** The first `count` of exp(-2 pi i k / size). */
function circle(size: number, count: number) {
  const angle = (_: unknown, k: number): number => (-2 * Math.PI * k) / size;
  const angles = Float64Array.from({ length: count }, angle);
  return { cos: angles.map(Math.cos), sin: angles.map(Math.sin) };
}

function powerOfTwo(size: number): Fourier {
  const { cos, sin } = circle(size, size);
  const reversed = new Uint32Array(size);
  for (let at = 1; at < size; at++) {
    reversed[at] = (reversed[at >> 1]! >> 1) | (at & 1 ? size >> 1 : 0);
  }
  const odd = Math.log2(size) % 2 === 1;
  return {
    transform: (re, im) => {
      reorder(re, reversed);
      reorder(im, reversed);
      if (odd) pairStage(re, im);
      for (let quarter = odd ? 2 : 1; quarter < size; quarter *= 4) {
        doubleStage(re, im, quarter, cos, sin);
      }
    },
  };
}

function reorder(values: Float64Array, reversed: Uint32Array): void {
  for (let at = 0; at < reversed.length; at++) {
    const other = reversed[at]!;
    if (other <= at) continue;
    const kept = values[at]!;
    values[at] = values[other]!;
    values[other] = kept;
  }
}

function pairStage(re: Float64Array, im: Float64Array): void {
  for (let at = 0; at < re.length; at += 2) {
    const [x, y] = [re[at + 1]!, im[at + 1]!];
    re[at + 1] = re[at]! - x;
    im[at + 1] = im[at]! - y;
    re[at]! += x;
    im[at]! += y;
  }
}

/** Blocks of `quarter` become blocks of four times that: two stages, each number read and written once. */
function doubleStage(
  re: Float64Array,
  im: Float64Array,
  quarter: number,
  cos: Float64Array,
  sin: Float64Array,
): void {
  const step = re.length / (4 * quarter);
  for (let from = 0; from < re.length; from += 4 * quarter) {
    for (let j = 0; j < quarter; j++) {
      const p = from + j;
      const q = p + quarter;
      const r = q + quarter;
      const s = r + quarter;
      const one = j * step;
      // The inner stage turns by twice the angle, the outer by it; what both turn, by three times.
      const qx = re[q]! * cos[2 * one]! - im[q]! * sin[2 * one]!;
      const qy = re[q]! * sin[2 * one]! + im[q]! * cos[2 * one]!;
      const rx = re[r]! * cos[one]! - im[r]! * sin[one]!;
      const ry = re[r]! * sin[one]! + im[r]! * cos[one]!;
      const sx = re[s]! * cos[3 * one]! - im[s]! * sin[3 * one]!;
      const sy = re[s]! * sin[3 * one]! + im[s]! * cos[3 * one]!;
      const sumX = re[p]! + qx;
      const sumY = im[p]! + qy;
      const lessX = re[p]! - qx;
      const lessY = im[p]! - qy;
      re[p] = sumX + (rx + sx);
      im[p] = sumY + (ry + sy);
      re[r] = sumX - (rx + sx);
      im[r] = sumY - (ry + sy);
      re[q] = lessX + (ry - sy);
      im[q] = lessY - (rx - sx);
      re[s] = lessX - (ry - sy);
      im[s] = lessY + (rx - sx);
    }
  }
}

function bluestein(size: number): Fourier {
  const inner = powerOfTwo(2 ** Math.ceil(Math.log2(2 * size - 1)));
  const long = 2 ** Math.ceil(Math.log2(2 * size - 1));
  // exp(-pi i n^2 / size); squares are taken modulo two turns, so that large ones keep their digits.
  const turn = circle(2 * size, 2 * size);
  const square = (n: number): number => (n * n) % (2 * size);
  const cos = Float64Array.from({ length: size }, (_, n) => turn.cos[square(n)]!);
  const sin = Float64Array.from({ length: size }, (_, n) => turn.sin[square(n)]!);
  const [chirpRe, chirpIm] = [new Float64Array(long), new Float64Array(long)];
  for (let n = 0; n < size; n++) {
    const back = n === 0 ? 0 : long - n;
    chirpRe[n] = chirpRe[back] = cos[n]!;
    chirpIm[n] = chirpIm[back] = -sin[n]!;
  }
  inner.transform(chirpRe, chirpIm);
  const [x, y] = [new Float64Array(long), new Float64Array(long)];
  return {
    transform: (re, im) => {
      x.fill(0);
      y.fill(0);
      for (let n = 0; n < size; n++) {
        x[n] = re[n]! * cos[n]! - im[n]! * sin[n]!;
        y[n] = re[n]! * sin[n]! + im[n]! * cos[n]!;
      }
      inner.transform(x, y);
      for (let k = 0; k < long; k++) {
        const product = x[k]! * chirpRe[k]! - y[k]! * chirpIm[k]!;
        y[k] = (x[k]! * chirpIm[k]! + y[k]! * chirpRe[k]!) / long;
        x[k] = product / long;
      }
      // Real and imaginary part exchanged before and after make the transform its own inverse.
      inner.transform(y, x);
      for (let k = 0; k < size; k++) {
        re[k] = x[k]! * cos[k]! - y[k]! * sin[k]!;
        im[k] = x[k]! * sin[k]! + y[k]! * cos[k]!;
      }
    },
  };
}
