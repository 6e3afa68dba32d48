import { InvalidExpression } from '../error.ts';

/** How parameters are moved by their gradients: data. The learning rate comes with each step. */
export type Optimiser =
  /** Stochastic gradient descent with momentum (0 for none). */
  | { readonly kind: 'momentum'; readonly momentum: number; readonly decay: number }
  /** Kingma and Ba 2015; `decay` is added to the gradient, or with `decoupled` taken from the parameter. */
  | {
      readonly kind: 'adam';
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
      readonly decay: number;
      readonly decoupled: boolean;
    }
  /** Duchi, Hazan and Singer 2011. */
  | { readonly kind: 'adagrad'; readonly epsilon: number; readonly decay: number };

export function sgd(
  options: { readonly momentum?: number; readonly decay?: number } = {},
): Optimiser {
  const { momentum = 0, decay = 0 } = options;
  return checked({ kind: 'momentum', momentum, decay });
}

interface AdamOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly decay?: number;
}

export function adam(options: AdamOptions = {}): Optimiser {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, decay = 0 } = options;
  return checked({ kind: 'adam', beta1, beta2, epsilon, decay, decoupled: false });
}

/** Adam with the decay apart from the gradient (Loshchilov and Hutter 2019). */
export function adamW(options: AdamOptions = {}): Optimiser {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, decay = 0.01 } = options;
  return checked({ kind: 'adam', beta1, beta2, epsilon, decay, decoupled: true });
}

export function adagrad(
  options: { readonly epsilon?: number; readonly decay?: number } = {},
): Optimiser {
  const { epsilon = 1e-10, decay = 0 } = options;
  return checked({ kind: 'adagrad', epsilon, decay });
}

function checked(optimiser: Optimiser): Optimiser {
  for (const [name, value] of Object.entries(optimiser)) {
    if (typeof value !== 'number') continue;
    const below = name.startsWith('beta') || name === 'momentum' ? 1 : Infinity;
    if (value >= 0 && value < below) continue;
    throw new InvalidExpression(optimiser.kind, `${name} is ${value}; from 0 to below ${below}`);
  }
  return Object.freeze(optimiser);
}

/** What the kernel takes for an optimiser. */
interface OptimiserStep {
  /** 0 momentum, 1 Adam, 2 Adagrad. */
  readonly kind: 0 | 1 | 2;
  readonly rate: number;
  /** What the root of the second moment is multiplied by. */
  readonly correction: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Of the parameter, added to the gradient. */
  readonly decay: number;
  /** The share of the parameter that stays before it is moved. */
  readonly kept: number;
}

/** The numbers of a step counted from 1: Adam's corrections for moments that began at 0 are among them. */
export function optimiserStep(optimiser: Optimiser, rate: number, step: number): OptimiserStep {
  const none = { correction: 1, beta1: 0, beta2: 0, epsilon: 0, kept: 1 };
  switch (optimiser.kind) {
    case 'momentum':
      return { ...none, kind: 0, rate, beta1: optimiser.momentum, decay: optimiser.decay };
    case 'adagrad':
      return { ...none, kind: 2, rate, epsilon: optimiser.epsilon, decay: optimiser.decay };
    case 'adam': {
      const { beta1, beta2, epsilon, decay, decoupled } = optimiser;
      return {
        ...{ kind: 1, beta1, beta2, epsilon },
        rate: rate / (1 - beta1 ** step),
        correction: 1 / Math.sqrt(1 - beta2 ** step),
        decay: decoupled ? 0 : decay,
        kept: decoupled ? 1 - rate * decay : 1,
      };
    }
  }
}

/** Numbers that one step of an optimiser changes in place. */
interface OptimiserState {
  readonly parameters: Float32Array;
  readonly gradients: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** The plain twin of the kernel, in floats as it. */
export function plainOptimise(state: OptimiserState, at: OptimiserStep, scale = 1): void {
  const { parameters, gradients, first, second } = state;
  const f = Math.fround;
  const [rate, b1, b2] = [f(at.rate), f(at.beta1), f(at.beta2)];
  parameters.forEach((old, i) => {
    const slope = f(f(gradients[i]! * f(scale)) + f(old * f(at.decay)));
    if (at.kind === 0) {
      first[i] = f(b1 * first[i]!) + slope;
      parameters[i] = old - f(rate * first[i]!);
    } else if (at.kind === 2) {
      second[i] = second[i]! + f(slope * slope);
      const root = f(f(Math.sqrt(second[i]!)) + f(at.epsilon));
      parameters[i] = old - f(rate * f(slope / root));
    } else {
      first[i] = f(b1 * first[i]!) + f(f(1 - b1) * slope);
      second[i] = f(b2 * second[i]!) + f(f(1 - b2) * f(slope * slope));
      const root = f(f(f(Math.sqrt(second[i]!)) * f(at.correction)) + f(at.epsilon));
      parameters[i] = f(old * f(at.kept)) - f(f(rate * first[i]!) / root);
    }
  });
}
