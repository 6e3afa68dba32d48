import { type Examples, fit, logisticRegression, ridge, type TabularModel } from '@backlot/learn';
import { readSimulated } from './simulated.ts';

/** Fits the linear model of a task; what is timed is `run` alone. */
export async function prepareLinear(work: 'ridge' | 'logistic', threads: number) {
  const { target, labels, ...features } = await readSimulated();
  const examples: Examples = {
    features,
    target: Float64Array.from(work === 'ridge' ? target : labels),
  };
  const specification = work === 'ridge' ? ridge() : logisticRegression();
  return {
    run: (): Promise<TabularModel> => fit(specification, examples, { threads }),
    /** Coefficients, then the intercept. */
    outcome: (model: TabularModel): Float64Array =>
      Float64Array.of(
        ...(model.tensors.coefficients!.data as Float64Array),
        ...(model.tensors.intercepts!.data as Float64Array),
      ),
  };
}

/** The objective that both minimise, at coefficients and intercept. */
export async function linearObjective(
  work: 'ridge' | 'logistic',
  found: Float64Array,
): Promise<number> {
  const { rows, columns, values, target, labels } = await readSimulated();
  let total = 0;
  for (let j = 0; j < columns; j++) total += (work === 'ridge' ? 1 : 0.5) * found[j]! ** 2;
  for (let row = 0; row < rows; row++) {
    let score = found[columns]!;
    for (let j = 0; j < columns; j++) score += values[row * columns + j]! * found[j]!;
    if (work === 'ridge') total += (score - target[row]!) ** 2;
    else {
      const loss = Math.log1p(Math.exp(-Math.abs(score))) + Math.max(0, score);
      total += loss - labels[row]! * score;
    }
  }
  return total;
}
