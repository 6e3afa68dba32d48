import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fit, linearSvr, matrixFromRows } from '../index.ts';
import { regressionExamples } from '../tabular-examples.fixture.ts';
import { tabularLaws } from '../tabular-laws.fixture.ts';

const common = { examples: regressionExamples(1), verbs: ['predict'], onnx: 1e-4 } as const;
tabularLaws({ specification: linearSvr({ width: 0.1 }), rowOrder: 1e-5, ...common });
tabularLaws({ specification: linearSvr({ loss: 'insensitive' }), rowOrder: 1e-2, ...common });

test('without a width, absolute errors give the median and squared errors the mean', async () => {
  const features = matrixFromRows([[0], [0], [0], [0], [0]]);
  const target = Float64Array.of(1, 2, 3, 4, 90);
  const absolute = await fit(linearSvr({ loss: 'insensitive' }), { features, target });
  // The parabola is as wide as 1e-4 of the spread, 35.
  assert.ok(Math.abs(absolute.tensors.intercepts!.data[0]! - 3) < 4e-3);
  const squared = await fit(linearSvr(), { features, target });
  assert.ok(Math.abs(squared.tensors.intercepts!.data[0]! - 20) < 1e-8);
});
