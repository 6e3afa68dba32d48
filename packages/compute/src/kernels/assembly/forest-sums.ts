import { ForestPlan, Grower, nodeAt } from './forest-plan';
import { logarithmic } from './forest-split';

/** Adds up the node's rows. */
export function sumNode(plan: ForestPlan, grower: Grower, id: i32): void {
  if (plan.classes == 0) {
    sumNumbers(grower, id);
    return;
  }
  const node = nodeAt(grower, id);
  const values = grower.values + (<usize>id) * ((<usize>plan.classes) << 3);
  memory.fill(values, 0, (<usize>plan.classes) << 3);
  let entry = grower.entries + ((<usize>node.start) << 4);
  const end = entry + ((<usize>node.count) << 4);
  for (; entry < end; entry += 16) {
    const at = values + <usize>load<u32>(entry, 4);
    store<f64>(at, load<f64>(at) + load<f64>(entry, 8));
  }
  judgeClasses(plan, grower, id);
}

/** Weight, impurity and purity by the sums of the classes. */
export function judgeClasses(plan: ForestPlan, grower: Grower, id: i32): void {
  const node = nodeAt(grower, id);
  const values = grower.values + (<usize>id) * ((<usize>plan.classes) << 3);
  const end = (<usize>plan.classes) << 3;
  let weight: f64 = 0;
  let held: i32 = 0;
  for (let k: usize = 0; k < end; k += 8) {
    const sum = load<f64>(values + k);
    weight += sum;
    held += sum > 0 ? 1 : 0;
  }
  node.weight = weight;
  node.pure = held < 2 ? 1 : 0;
  const term = classTerm(plan, values, weight);
  node.impurity = max(0, plan.criterion == 0 ? 1 - term / weight : -term / weight);
}

/** What the criterion makes larger: the sum of squares over the weight, or weight x less entropy. */
export function classTerm(plan: ForestPlan, values: usize, weight: f64): f64 {
  let sum: f64 = 0;
  const end = (<usize>plan.classes) << 3;
  for (let k: usize = 0; k < end; k += 8) {
    const own = load<f64>(values + k);
    sum += plan.criterion == 0 ? own * own : logarithmic(own);
  }
  return plan.criterion == 0 ? sum / weight : sum - logarithmic(weight);
}

export function sumNumbers(grower: Grower, id: i32): void {
  const node = nodeAt(grower, id);
  let entry = grower.entries + (<usize>node.start) * 24;
  const end = entry + (<usize>node.count) * 24;
  let weight: f64 = 0;
  let sum: f64 = 0;
  let squares: f64 = 0;
  // Numbers that are one float are as good as equal: nothing is left to split.
  let least: f32 = Infinity;
  let most: f32 = -Infinity;
  for (; entry < end; entry += 24) {
    const own = load<f64>(entry, 8);
    const product = load<f64>(entry, 16);
    const value = load<f32>(entry, 4);
    weight += own;
    sum += product;
    squares += (product * product) / own;
    least = min(least, value);
    most = max(most, value);
  }
  node.weight = weight;
  store<f64>(grower.values + ((<usize>id) << 3), sum);
  node.pure = least == most ? 1 : 0;
  const mean = sum / weight;
  node.impurity = node.pure ? 0 : max(0, squares / weight - mean * mean);
}
