import { float32, type RecommenderModel, tensorOf } from '../../fitted-model.ts';

/**
 * The model with factors for so many more items. The products of factors, which tell that people did not
 * meet what they could have met, stay those of the known items: nobody could meet the added ones.
 */
export function widenFactors(
  model: RecommenderModel,
  added: number,
  factorsOf: (known: Float32Array) => Float32Array,
): RecommenderModel {
  const { data, shape } = tensorOf(model, 'itemFactors', 'float32');
  const [items, width] = [shape[0]!, shape[1]!];
  const factors = new Float32Array(data.length + added * width);
  factors.set(data);
  factors.set(factorsOf(data), data.length);
  return {
    ...model,
    signature: { ...model.signature, items: items + added },
    tensors: { ...model.tensors, itemFactors: float32([items + added, width], factors) },
  };
}
