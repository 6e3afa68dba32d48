import type { Objective } from './minimum.ts';

/** The extended Rosenbrock function (More, Garbow and Hillstrom 1981, 21): minimum 0 at all ones. */
export const rosenbrock: Objective = (x, gradient) => {
  let value = 0;
  gradient.fill(0);
  for (let k = 0; k + 1 < x.length; k++) {
    const bend = x[k + 1]! - x[k]! ** 2;
    value += 100 * bend ** 2 + (1 - x[k]!) ** 2;
    gradient[k]! += -400 * x[k]! * bend - 2 * (1 - x[k]!);
    gradient[k + 1]! += 200 * bend;
  }
  return value;
};

/** Beale's function (More, Garbow and Hillstrom 1981, 5): minimum 0 at (3, 0.5). */
export const beale: Objective = (x, gradient) => {
  let value = 0;
  gradient.fill(0);
  [1.5, 2.25, 2.625].forEach((wanted, k) => {
    const power = k + 1;
    const rest = wanted - x[0]! * (1 - x[1]! ** power);
    value += rest ** 2;
    gradient[0]! += -2 * rest * (1 - x[1]! ** power);
    gradient[1]! += 2 * rest * x[0]! * power * x[1]! ** (power - 1);
  });
  return value;
};
