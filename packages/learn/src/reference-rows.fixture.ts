import type { Matrix } from './matrix.ts';

/**
 * Sixty rows around three corners that any language makes alike: 2 u + 3 at column row mod 3, with
 * u = the fraction of 43758.5453 sin(12.9898 (3 row + column + 1)).
 */
export function referenceRows(): Matrix {
  const values = Float64Array.from({ length: 180 }, (_, at) => {
    const wave = Math.sin((at + 1) * 12.9898) * 43758.5453;
    return 2 * (wave - Math.floor(wave)) + (Math.floor(at / 3) % 3 === at % 3 ? 3 : 0);
  });
  return { rows: 60, columns: 3, values };
}
