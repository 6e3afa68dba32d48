/** Minima, roots and curves: within bounds, by second derivatives, by values alone, from observations. */
import {
  brentRoot,
  lbfgsb,
  levenbergMarquardt,
  nelderMead,
  newton,
  type Objective,
} from '@backlot/compute';
import { seededRandom } from '@backlot/core';

const banana: Objective = (x, gradient) => {
  const bend = x[1]! - x[0]! ** 2;
  gradient.set([-400 * x[0]! * bend - 2 * (1 - x[0]!), 200 * bend]);
  return 100 * bend ** 2 + (1 - x[0]!) ** 2;
};
const start = Float64Array.of(-1.2, 1);
const print = (name: string, point: Float64Array, evaluations: number): void => {
  console.log(`${name}: (${[...point].map((x) => x.toFixed(4))}) in ${evaluations} evaluations`);
};

const bounded = lbfgsb({ start, objective: banana, upper: Float64Array.of(0.5, Infinity) });
print('L-BFGS-B with x at most 0.5', bounded.point, bounded.evaluations);

const exact = newton({
  ...{ start, objective: banana },
  hessian: (x, out) => {
    const mixed = -400 * x[0]!;
    out.set([1200 * x[0]! ** 2 - 400 * x[1]! + 2, mixed, mixed, 200]);
  },
});
print('Newton', exact.point, exact.evaluations);

const simplex = nelderMead({ start, objective: (x) => banana(x, new Float64Array(2)) });
print('Nelder-Mead', simplex.point, simplex.evaluations);

const root = brentRoot({ function: (x) => Math.cos(x) - x, lower: 0, upper: 1 });
console.log(`cos x = x at ${root.x}, in ${root.evaluations} evaluations`);

/** Streams of a title by week: they fall to a floor. */
const random = seededRandom(1);
const weeks = Array.from({ length: 40 }, (_, week) => week);
const streams = weeks.map((week) => 20 + 90 * Math.exp(-0.25 * week) + 2 * random.normal());
const curve = levenbergMarquardt({
  ...{ observations: weeks.length, start: Float64Array.of(10, 50, 0.1) },
  residuals: ([floor, peak, rate], out) => {
    for (const week of weeks) {
      out[week] = streams[week]! - floor! - peak! * Math.exp(-rate! * week);
    }
  },
});
['floor', 'peak', 'rate'].forEach((name, k) => {
  const [value, error] = [curve.parameters[k]!, curve.standardErrors[k]!];
  console.log(`${name}: ${value.toFixed(3)}, standard error ${error.toFixed(3)}`);
});
