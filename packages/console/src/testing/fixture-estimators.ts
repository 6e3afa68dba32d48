import type { Estimators } from '../api-types.ts';

/** Some estimators of different families; the memory grows with the asked size. */
export function estimators(query: URLSearchParams): Estimators {
  const rows = Number(query.get('rows') ?? 100_000);
  const columns = Number(query.get('columns') ?? 50);
  return {
    rows,
    columns,
    estimators: [
      {
        ...{ kind: 'gradientBoosting', family: 'trees', roles: ['regressor', 'classifier'] },
        summary: 'Trees grown one after the other on what the others left.',
        ...{ accepts: ['dense', 'sparse'], missing: true, onnx: true },
        parameters: [
          {
            ...{ name: 'rounds', summary: 'Trees, for each class beyond two.' },
            ...{ allowed: 'a whole number from 1 to 100000', default: 100 },
          },
          {
            ...{ name: 'monotone', summary: 'By column, 1 where more may only raise the answer.' },
            ...{ allowed: 'at most 1000000 whole numbers from -1 to 1', default: [] },
          },
        ],
        memory: 16 * 2 ** 20 + rows * (4 * columns + 160),
        example:
          "import { fit, gradientBoosting, predict } from 'backlot/learn';\n\n" +
          'const model = await fit(gradientBoosting({ rounds: 100 }), train, { seed: 1 });\n' +
          'await predict(model, rows);',
      },
      {
        ...{ kind: 'popularity', family: 'recommenders', roles: ['recommender'] },
        summary: 'Items by how many people met them.',
        ...{ accepts: ['interactions'], missing: false, onnx: false, parameters: [] },
        ...{ memory: 8 * columns, example: 'const model = await fit(popularity(), plays);' },
      },
      {
        ...{ kind: 'chain', family: 'composition', roles: ['classifier', 'transformer'] },
        summary: 'Transformers and a last estimator, one after the other.',
        ...{ accepts: ['dense', 'frame'], missing: true, onnx: true },
        parameters: [
          {
            ...{ name: 'steps', summary: 'What is done, in this order.', default: [] },
            allowed: 'at most 100 specifications of estimators',
          },
        ],
        example: 'const model = await fit(chain(standardScaler(), ridge()), train);',
      },
    ],
  };
}
