import { build } from '../../../../compute/build.ts';
import { slim } from '../../index.ts';
import { estimatorLaws } from '../recommender-laws.fixture.ts';

await build();
estimatorLaws({
  specification: slim({ candidates: 20, l1: 0.5, l2: 2, damping: 0.2, tolerance: 1e-8 }),
  ...{ historyIsUser: true, foldInIsScores: true },
});
estimatorLaws({
  specification: slim({ candidates: 30, l1: 0, dropout: 0.4, nonNegative: false, tolerance: 1e-8 }),
  ...{ historyIsUser: true, foldInIsScores: true },
});
