import type { Matrix } from '../../matrix.ts';

/**
 * How much begins in each frame: the mean rise of the log-mel bands since the frame before, falls counted as
 * 0, moved by half a frame (`shift` frames) to where the sound begins (Boeck and Widmer 2013, without their
 * vibrato filter). As many numbers as rows.
 */
export function onsetStrength({ rows, columns, values }: Matrix, shift: number): Float64Array {
  const strength = new Float64Array(rows);
  for (let row = 1; row < rows && row + shift < rows; row++) {
    let sum = 0;
    for (let band = 0; band < columns; band++) {
      const at = row * columns + band;
      sum += Math.max(0, values[at]! - values[at - columns]!);
    }
    strength[row + shift] = sum / columns;
  }
  return strength;
}

/**
 * Beats a minute, from 30 to 300, or 0 where nothing comes again: the delay at which onsets are most like
 * themselves, tempi near 120 preferred (an octave is one deviation; Ellis 2007), made more exact by the same
 * peak at 2, 4 and 8 times that delay.
 */
export function tempoOf(onsets: Float64Array, framesPerSecond: number): number {
  const mean = onsets.reduce((sum, value) => sum + value, 0) / onsets.length;
  const centred = onsets.map((value) => value - mean);
  const longest = Math.min(Math.floor(2 * framesPerSecond), centred.length >> 1);
  let [best, most] = [0, 0];
  for (let delay = Math.ceil(framesPerSecond / 5); delay <= longest; delay++) {
    const octaves = Math.log2((60 * framesPerSecond) / delay / 120);
    const likeness = likenessAt(centred, delay) * Math.exp(-0.5 * octaves * octaves);
    if (likeness > most + 1e-12) [best, most] = [delay, likeness];
  }
  if (best === 0) return 0;
  let delay = peakNear(centred, best);
  for (let times = 2; times <= 8 && times * delay < centred.length / 2; times *= 2) {
    delay = peakNear(centred, Math.round(times * delay)) / times;
  }
  return (60 * framesPerSecond) / delay;
}

function likenessAt(centred: Float64Array, delay: number): number {
  let sum = 0;
  for (let at = delay; at < centred.length; at++) sum += centred[at]! * centred[at - delay]!;
  return sum / (centred.length - delay);
}

/** The top of the parabola through the largest of five delays and its neighbours. */
function peakNear(centred: Float64Array, middle: number): number {
  const from = Math.max(2, middle - 2);
  const likeness = Float64Array.from({ length: 7 }, (_, k) => likenessAt(centred, from - 1 + k));
  let top = 1;
  for (let k = 2; k <= 5; k++) if (likeness[k]! > likeness[top]!) top = k;
  const [left, own, right] = [likeness[top - 1]!, likeness[top]!, likeness[top + 1]!];
  const bend = left - 2 * own + right;
  const shift = bend < 0 ? (0.5 * (left - right)) / bend : 0;
  return from - 1 + top + Math.min(0.5, Math.max(-0.5, shift));
}
