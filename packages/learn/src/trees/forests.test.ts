import {
  extraTreesClassifier,
  extraTreesRegressor,
  randomForestClassifier,
  randomForestRegressor,
} from '../index.ts';
import { classExamples, regressionExamples } from '../tabular-examples.fixture.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';

const rowOrder = { seeded: 'each tree draws rows by their places' };

for (const classifier of [randomForestClassifier, extraTreesClassifier]) {
  tabularLaws({
    specification: classifier({ trees: 7, bootstrap: true, outOfBag: true, depth: 6 }),
    examples: classExamples(1),
    verbs: ['predict', 'predictProbabilities'],
    ...{ rowOrder, missing: true, onnx: 1e-5 },
  });
}
for (const regressor of [randomForestRegressor, extraTreesRegressor]) {
  tabularLaws({
    specification: regressor({ trees: 5, bootstrap: true, outOfBag: true, minRows: 4 }),
    examples: regressionExamples(1),
    ...{ verbs: ['predict'], rowOrder, missing: true, onnx: 1e-4 },
  });
}
