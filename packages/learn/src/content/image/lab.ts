/**
 * CIE L*a*b* of an sRGB colour (IEC 61966-2-1, CIE 15, white D65, 2 degrees), written to three places of
 * `out` from `at`. Red, green and blue are from 0 to 255; numbers between whole ones are read between the
 * neighbours' light.
 */
export function writeLab(
  red: number,
  green: number,
  blue: number,
  out: Float64Array,
  at: number,
): void {
  const r = lightOf(red);
  const g = lightOf(green);
  const b = lightOf(blue);
  // Each row is divided by the white point, its own sum, so that greys have no colour at all.
  const x = labRoot((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const y = labRoot((0.2126729 * r + 0.7151522 * g + 0.072175 * b) / 1.0000001);
  const z = labRoot((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
  out[at] = 116 * y - 16;
  out[at + 1] = 500 * (x - y);
  out[at + 2] = 200 * (y - z);
}

/** The share of white's light that each byte of sRGB stands for. */
const LIGHT: Float64Array = Float64Array.from({ length: 257 }, (_, byte) => {
  const share = byte / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
});

function lightOf(value: number): number {
  const whole = Math.floor(value);
  const low = LIGHT[whole]!;
  return whole === value ? low : low + (value - whole) * (LIGHT[whole + 1]! - low);
}

/** A cube root, with a straight line below (6 / 29)^3, where its slope would grow without end. */
function labRoot(share: number): number {
  return share > 216 / 24389 ? Math.cbrt(share) : ((24389 / 27) * share + 16) / 116;
}
