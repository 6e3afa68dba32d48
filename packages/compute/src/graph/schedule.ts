/** The learning rate by step: data. Steps count from 0. */
export type Schedule =
  | { readonly kind: 'constant'; readonly rate: number }
  /** From 0 up over `warmUp` steps, then in a line down to 0 at `steps`. */
  | {
      readonly kind: 'linear';
      readonly rate: number;
      readonly warmUp: number;
      readonly steps: number;
    }
  /** From 0 up over `warmUp` steps, then down to 0 along half a cosine (Loshchilov and Hutter 2017). */
  | {
      readonly kind: 'cosine';
      readonly rate: number;
      readonly warmUp: number;
      readonly steps: number;
    }
  /** Multiplied by `factor` after every `every` steps. */
  | {
      readonly kind: 'stairs';
      readonly rate: number;
      readonly every: number;
      readonly factor: number;
    };

/** The rate of a step. */
export function rateAt(schedule: Schedule, step: number): number {
  const { rate } = schedule;
  switch (schedule.kind) {
    case 'constant':
      return rate;
    case 'stairs':
      return rate * schedule.factor ** Math.floor(step / schedule.every);
    default: {
      const { warmUp, steps } = schedule;
      if (step < warmUp) return (rate * (step + 1)) / warmUp;
      const done = Math.min(1, (step - warmUp) / Math.max(1, steps - warmUp));
      return rate * (schedule.kind === 'linear' ? 1 - done : (1 + Math.cos(Math.PI * done)) / 2);
    }
  }
}
