import { drawGamma } from '../random/draw.ts';
import { gammaTail, logGammaPrefix } from '../special/incomplete-gamma.ts';
import { logGammaPInverse, logGammaQInverse } from '../special/incomplete-gamma-inverse.ts';
import { continuous } from './continuous.ts';
import { type ContinuousDistribution, requirePositive } from './distribution.ts';

/** The gamma distribution with the given shape and scale (its mean is their product). */
export function gammaDistribution(shape: number, scale = 1): ContinuousDistribution {
  requirePositive('gamma', { shape, scale });
  return scaledGamma('gamma', { shape, scale }, shape, scale);
}

/** The chi-square distribution, the gamma distribution of shape df / 2 and scale 2. */
export function chiSquareDistribution(df: number): ContinuousDistribution {
  requirePositive('chiSquare', { df });
  return scaledGamma('chiSquare', { df }, 0.5 * df, 2);
}

function scaledGamma(
  kind: string,
  parameters: Readonly<Record<string, number>>,
  shape: number,
  scale: number,
): ContinuousDistribution {
  const atZero = shape < 1 ? Infinity : shape === 1 ? -Math.log(scale) : -Infinity;
  return continuous({
    kind,
    parameters,
    support: [0, Infinity],
    mean: shape * scale,
    variance: shape * scale * scale,
    logDensity: (x) => {
      if (x === 0) return atZero;
      if (x === Infinity) return -Infinity;
      return logGammaPrefix(shape, x / scale) + Math.log(shape / x);
    },
    tail: (x) => gammaTail(shape, x / scale),
    solve: (logP, lower) => {
      const inverse = lower ? logGammaPInverse : logGammaQInverse;
      return scale * inverse(shape, logP);
    },
    sample: (stream) => scale * drawGamma(stream, shape),
  });
}
