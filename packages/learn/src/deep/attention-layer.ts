import { attention, dropoutMask, type Expression, reshape, transposeAxes } from '@backlot/compute';
import { linear } from './layers.ts';
import { defineModule, type Module } from './module.ts';

export interface MultiHeadOptions {
  /** They divide the width. */
  readonly heads: number;
  /** Of the attention's weights, while training. */
  readonly dropout?: number;
}

/**
 * Self-attention with several heads (Vaswani et al. 2017): x [rows, length, width] and a bias that is added
 * to the scores, [length, length] or [rows, 1, 1, length]: `causalBias` and `paddingBias` make such. The
 * length is a known number.
 */
export function multiHeadAttention(width: number, options: MultiHeadOptions): Module {
  const { heads, dropout = 0 } = options;
  const square = (): Module => linear(width, width);
  return defineModule({
    parts: { query: square(), key: square(), value: square(), out: square() },
    call: ({ part, unique }, x, bias) => {
      const [rows, length] = x!.shape as [string | number, number];
      const split = (name: string): Expression => {
        const shape = [rows, length, heads, width / heads];
        return transposeAxes(reshape(part(name, x!), shape), [0, 2, 1, 3]);
      };
      const mask =
        dropout > 0 ? dropoutMask(unique(), dropout, [rows, heads, length, length]) : undefined;
      const found = attention(split('query'), split('key'), split('value'), { bias, mask });
      return part('out', reshape(transposeAxes(found, [0, 2, 1, 3]), [rows, length, width]));
    },
  });
}

/** What lets each place see itself and those before it: 0, or -1e9 for those after. */
export function causalBias(length: number): Float32Array {
  return Float32Array.from({ length: length * length }, (_, at) =>
    at % length > Math.floor(at / length) ? -1e9 : 0,
  );
}

/** What hides places that hold nothing: 0 where `filled` is 1, else -1e9. */
export function paddingBias(filled: ArrayLike<number>): Float32Array {
  return Float32Array.from(filled, (one) => (one ? 0 : -1e9));
}
