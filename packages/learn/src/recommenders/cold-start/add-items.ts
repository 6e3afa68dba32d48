import { InvalidArgument, UnsupportedVerb } from '../../error.ts';
import { recommenderKindOf } from '../../estimators.ts';
import type { RecommenderModel } from '../../fitted-model.ts';
import type { Interactions } from '../interactions.ts';
import { mapContent } from './content-map.ts';
import { type ContentNeighbours, contentNeighbours } from './content-neighbours.ts';
import { contentRows, type ItemContent } from './item-content.ts';
import { widenFactors } from './widen-factors.ts';
import { widenWeights } from './widen-weights.ts';

export interface AddItemsOptions extends ItemContent {
  /**
   * How what is known of items becomes what is thought of new ones: a ridge regression of the items' factors
   * on their content, or the mean of the most alike items. `regression` is for models of factors alone and
   * is their default; the others take `neighbours`.
   */
  readonly by?: 'regression' | 'neighbours';
  /** The ridge penalty, above 0; 1 by default. */
  readonly penalty?: number;
  /** How many of the most alike items count; 20 by default. */
  readonly neighbours?: number;
  /**
   * What the model was fitted on, so that items that few people met, whose factors say little, teach less:
   * an item counts n / (n + 10) where n met it. All count the same when absent.
   */
  readonly interactions?: Interactions | undefined;
}

/**
 * A model that also recommends items which nobody met yet, from what they are like: the added items come
 * after the known ones, in the order of their rows, and all verbs take the model as they take any other.
 * For `implicitALS` new items get factors; for `itemKnn`, `slim` and `ease` (with kept neighbours) they are
 * scored by the weights by which their most alike items are, each neighbour being as like itself as its
 * nearest. Scores of new items are means and lie nearer to the middle than those of known ones: to show new
 * items, ask for them by `candidates`. Throws `InvalidArgument`, or `UnsupportedVerb` for other kinds.
 *
 * @example
 * const larger = await addItems(model, { known: { texts }, added: { texts: fresh }, transformer: tfIdf() });
 * recommendOne(larger, { user: 3 }, { k: 10, candidates });
 */
export async function addItems(
  model: RecommenderModel,
  options: AddItemsOptions,
): Promise<RecommenderModel> {
  const factors = 'itemFactors' in model.tensors;
  const { by = factors ? 'regression' : 'neighbours', penalty = 1, neighbours = 20 } = options;
  checkKind(model);
  if (!factors && by === 'regression') {
    throw new UnsupportedVerb(model.kind, 'take new items by regression', 'it has no factors');
  }
  checkOptions(penalty, neighbours);
  const { items } = model.signature;
  const { known, added } = await contentRows(options, items);
  if (known.columns !== added.columns) {
    const given = `${added.columns} columns; the known items have ${known.columns}`;
    throw new InvalidArgument('added', `has ${given}`);
  }
  const alike = (): ContentNeighbours => contentNeighbours(known, added, neighbours);
  if (!factors) return widenWeights(model, added.rows, alike());
  return widenFactors(model, added.rows, (data) =>
    by === 'regression'
      ? mapContent(known, data, trust(items, options.interactions), penalty, added)
      : meanFactors(data, items, added.rows, alike()),
  );
}

/** What can be made for an added item. */
const widened: readonly string[] = [
  ...['itemFactors', 'neighbourOffsets', 'neighbourItems', 'similarities'],
];

/** Every tensor that has a place for each item must be one that gets places for the added ones. */
function checkKind(model: RecommenderModel): void {
  const kind = recommenderKindOf(model.kind);
  const { signature, specification, facts = {} } = model;
  const shapes = (items: number) =>
    kind.tensors({ ...signature, items }, specification.parameters, facts);
  const [now, then] = [shapes(signature.items), shapes(signature.items + 1)];
  const grown = Object.keys(now).filter((name) => `${now[name]!.shape}` !== `${then[name]!.shape}`);
  const lists = 'neighbourOffsets' in model.tensors || 'itemFactors' in model.tensors;
  if (lists && grown.every((name) => widened.includes(name))) return;
  const reason = `nothing can be made for their places in ${grown.join(', ') || 'its tensors'}`;
  throw new UnsupportedVerb(kind.kind, 'take new items', reason);
}

function checkOptions(penalty: number, neighbours: number): void {
  if (!(penalty > 0 && penalty < Infinity)) {
    throw new InvalidArgument('penalty', `is ${penalty}; a number above 0 is allowed`);
  }
  if (Number.isInteger(neighbours) && neighbours >= 1 && neighbours <= 10_000) return;
  throw new InvalidArgument('neighbours', `is ${neighbours}; 1 to 10000 are allowed`);
}

/** What each item counts in the regression. */
function trust(items: number, interactions: Interactions | undefined): Float64Array {
  if (!interactions) return new Float64Array(items).fill(1);
  if (interactions.items !== items) {
    throw new InvalidArgument('interactions', `have ${interactions.items} items, not ${items}`);
  }
  const met = new Float64Array(items);
  for (const item of interactions.indices) met[item]!++;
  return met.map((count) => count / (count + 10));
}

/** The mean of the neighbours' factors by their cosines; zeros without any. */
function meanFactors(
  factors: Float32Array,
  items: number,
  rows: number,
  { neighbours, items: alike, cosines }: ContentNeighbours,
): Float32Array {
  const width = factors.length / items;
  const out = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const own = cosines.subarray(row * neighbours, (row + 1) * neighbours);
    const total = own.reduce((sum, cosine) => sum + cosine, 0);
    own.forEach((cosine, place) => {
      if (cosine === 0) return;
      const from = alike[row * neighbours + place]! * width;
      for (let k = 0; k < width; k++)
        out[row * width + k]! += (cosine / total) * factors[from + k]!;
    });
  }
  return out;
}
