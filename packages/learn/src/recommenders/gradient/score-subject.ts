import { InvalidArgument } from '../../error.ts';
import { type RecommenderModel, tensorOf } from '../../fitted-model.ts';
import type { Subject } from '../recommender-kind.ts';

/** The vector of someone new, from what they met. */
type FoldIn = (model: RecommenderModel, history: Int32Array) => Float32Array;

/** The scores of all items: products of the items' vectors with a user's, or with one that is folded in. */
export function scoreSubject(
  model: RecommenderModel,
  subject: Subject,
  foldIn: FoldIn,
): Float32Array {
  const { data, shape } = tensorOf(model, 'itemVectors', 'float32');
  const width = shape[1]!;
  const vector =
    'user' in subject ? userVector(model, subject.user) : foldIn(model, subject.history);
  return new Float32Array(shape[0]!).map((_, item) => {
    let sum = 0;
    for (let k = 0; k < width; k++) sum += vector[k]! * data[item * width + k]!;
    return sum;
  });
}

function userVector(model: RecommenderModel, user: number): Float32Array {
  const { data, shape } = tensorOf(model, 'userVectors', 'float32');
  return data.subarray(user * shape[1]!, (user + 1) * shape[1]!);
}

/** Throws `InvalidArgument` for an item that the model does not know. */
export function checkHistory({ signature }: RecommenderModel, history: Int32Array): void {
  const { items } = signature;
  for (const item of history) {
    if (item >= 0 && item < items) continue;
    throw new InvalidArgument('history', `holds item ${item}; 0 to ${items - 1} are allowed`);
  }
}
