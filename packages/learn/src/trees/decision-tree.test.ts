import { decisionTreeClassifier, decisionTreeRegressor } from '../index.ts';
import { classExamples, regressionExamples } from '../tabular-examples.fixture.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';

tabularLaws({
  specification: decisionTreeClassifier({ depth: 6, pruning: 0.001 }),
  examples: classExamples(1),
  verbs: ['predict', 'predictProbabilities'],
  ...{ rowOrder: 1e-9, missing: true, onnx: 1e-5 },
});
tabularLaws({
  specification: decisionTreeRegressor({ leaves: 20, minRows: 3 }),
  examples: regressionExamples(1),
  ...{ verbs: ['predict'], rowOrder: 1e-9, missing: true, onnx: 1e-4 },
});
