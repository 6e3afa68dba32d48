/** Fewer numbers for the same rows: principal components, and a picture in the plane. */
import {
  chain,
  fit,
  type Matrix,
  pca,
  silhouette,
  standardScaler,
  transform,
  tsne,
} from '@backlot/learn';
import { penguins } from './data.ts';

const { features, target } = penguins();
for (const [name, made] of Object.entries({
  'two components': pca({ components: 2 }),
  'a picture': tsne({ rounds: 250 }),
})) {
  const model = await fit(chain(standardScaler(), made), { features }, { seed: 1 });
  const plane = (await transform(model, features)) as Matrix;
  console.log(
    `${name}: ${plane.columns} numbers a row, silhouette of the species ${silhouette(plane, target!).toFixed(3)}`,
  );
}
