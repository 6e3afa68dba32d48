import type { TabularModel } from '@backlot/learn';

/** A model of two classes without categories as LightGBM's text; the start is in the first tree's leaves. */
export function lightgbmText(model: TabularModel): string {
  const { columns } = model.signature;
  const numbers = Array.from({ length: columns }, (_, column) => column);
  const head = [
    ...['tree', 'version=v4', 'num_class=1', 'num_tree_per_iteration=1', 'label_index=0'],
    ...[`max_feature_idx=${columns - 1}`, 'objective=binary sigmoid:1'],
    `feature_names=${numbers.map((column) => `c${column}`).join(' ')}`,
    `feature_infos=${numbers.map(() => '[-1e300:1e300]').join(' ')}`,
  ];
  const start = dataOf(model, 'start')[0]!;
  const trees = Array.from(dataOf(model, 'roots'), (root, tree) =>
    treeText(model, root, tree, tree === 0 ? start : 0),
  );
  return [...head, '', ...trees, 'end of trees', ''].join('\n');
}

const dataOf = (model: TabularModel, name: string): ArrayLike<number> => model.tensors[name]!.data;

function treeText(model: TabularModel, root: number, tree: number, start: number): string {
  const [left, right] = [dataOf(model, 'left'), dataOf(model, 'right')];
  const splits: number[] = [];
  const leaves: number[] = [];
  const collect = (at: number): void => {
    if (at < 0) leaves.push(~at);
    else {
      splits.push(at);
      collect(left[at]!);
      collect(right[at]!);
    }
  };
  collect(root);
  const place = (child: number): number =>
    child >= 0 ? splits.indexOf(child) : ~leaves.indexOf(~child);
  const line = (name: string, values: readonly number[]): string => `${name}=${values.join(' ')}`;
  const missingLeft = dataOf(model, 'missingLeft');
  const thresholds = dataOf(model, 'thresholds');
  const features = dataOf(model, 'features');
  const values = dataOf(model, 'values');
  const zeros = splits.map(() => 0);
  return [
    ...[`Tree=${tree}`, `num_leaves=${leaves.length}`, 'num_cat=0'],
    line(
      'split_feature',
      splits.map((at) => features[at]!),
    ),
    line('split_gain', zeros),
    line(
      'threshold',
      splits.map((at) => thresholds[at]!),
    ),
    // Missing is NaN (8); 2 where it goes left.
    line(
      'decision_type',
      splits.map((at) => 8 + 2 * missingLeft[at]!),
    ),
    line(
      'left_child',
      splits.map((at) => place(left[at]!)),
    ),
    line(
      'right_child',
      splits.map((at) => place(right[at]!)),
    ),
    line(
      'leaf_value',
      leaves.map((at) => start + values[at]!),
    ),
    ...[line('internal_value', zeros), 'is_linear=0', 'shrinkage=1', '', ''],
  ].join('\n');
}
