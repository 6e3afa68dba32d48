/** Penguins by their measures alone: clusters of four kinds, held against the species. */
import {
  adjustedRandIndex,
  agglomerative,
  chain,
  fit,
  gaussianMixture,
  hdbscan,
  kMeans,
  predict,
  standardScaler,
} from '@backlot/learn';
import { penguins } from './data.ts';

const { features, target } = penguins();
const clusterers = {
  'k-means': kMeans({ clusters: 3, restarts: 5 }),
  'ward linkage': agglomerative({ clusters: 3, linkage: 'ward' }),
  'normal mixture': gaussianMixture({ components: 3, covariance: 'tied' }),
  hdbscan: hdbscan({ least: 20 }),
};
for (const [name, clusterer] of Object.entries(clusterers)) {
  const model = await fit(chain(standardScaler(), clusterer), { features }, { seed: 1 });
  const labels = await predict(model, features);
  console.log(
    `${name}: adjusted Rand ${adjustedRandIndex(labels, target!).toFixed(3)} to the species`,
  );
}
