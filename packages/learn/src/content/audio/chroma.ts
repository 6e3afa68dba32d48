/** 12 x frequencies: how much each frequency of a spectrum counts for each note from C. */
interface ChromaBank {
  readonly bins: number;
  readonly weights: Float64Array;
}

/**
 * Bells around the notes of all octaves, of unit length at each frequency, most weight on the octaves about
 * 440 Hz x 2 and two octaves of deviation (Ellis 2007). A is 440 Hz.
 */
export function chromaBank(rate: number, frame: number): ChromaBank {
  const bins = Math.floor(frame / 2) + 1;
  const notes = Float64Array.from({ length: frame }, (_, k) => {
    return 12 * Math.log2(((Math.max(k, 1) * rate) / frame) * (16 / 440));
  });
  // Frequency 0 has no note; it lies so far below the first that it hardly counts.
  notes[0]! -= 18;
  const weights = new Float64Array(12 * bins);
  for (let k = 0; k < bins; k++) {
    const wide = k + 1 < frame ? Math.max(notes[k + 1]! - notes[k]!, 1) : 1;
    const bells = Float64Array.from({ length: 12 }, (_, note) => {
      const away = modulo(notes[k]! - note + 6, 12) - 6;
      return Math.exp(-0.5 * ((2 * away) / wide) ** 2);
    });
    const length = Math.sqrt(bells.reduce((sum, value) => sum + value * value, 0));
    const octave = Math.exp(-0.5 * ((notes[k]! / 12 - 5) / 2) ** 2);
    // Notes are counted from A; rows from C.
    bells.forEach((bell, note) => {
      weights[modulo(note - 3, 12) * bins + k] = (octave * bell) / length;
    });
  }
  return { bins, weights };
}

/** The 12 notes' power in a spectrum over the largest of them; all 0 in silence. */
export function writeChroma(
  { bins, weights }: ChromaBank,
  power: Float64Array,
  out: Float64Array,
): void {
  let most = 0;
  for (let note = 0; note < 12; note++) {
    let sum = 0;
    for (let k = 0; k < bins; k++) sum += weights[note * bins + k]! * power[k]!;
    out[note] = sum;
    if (sum > most) most = sum;
  }
  for (let note = 0; note < 12; note++) out[note] = most > 1e-30 ? out[note]! / most : 0;
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
