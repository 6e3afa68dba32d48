import { InvalidArgument } from '../error.ts';

/** How a rule treats the rows of one group; NaN where the group has no such rows. */
export interface GroupTreatment {
  readonly group: string;
  readonly rows: number;
  /** The share that is called positive. */
  readonly selected: number;
  /** Of the positives, the share that is called so. */
  readonly truePositiveRate: number;
  /** Of the negatives, the share that is called positive. */
  readonly falsePositiveRate: number;
  /** Of those called positive, the share that is. */
  readonly precision: number;
}

export interface FairnessReport {
  readonly groups: readonly GroupTreatment[];
  /** The greatest share selected less the least (demographic parity). */
  readonly parityDifference: number;
  /** The least over the greatest; below 0.8 is the old rule of four fifths. */
  readonly parityRatio: number;
  /** The greatest difference between groups of either rate (equalised odds, Hardt et al. 2016). */
  readonly oddsDifference: number;
}

/** How calls (1 positive) on rows with targets 0 and 1 differ between groups, which are given by row. */
export function fairness(
  target: ArrayLike<number>,
  called: ArrayLike<number>,
  groups: readonly string[],
): FairnessReport {
  if (target.length !== called.length || target.length !== groups.length || target.length === 0) {
    const given = `${target.length} targets, ${called.length} calls`;
    throw new InvalidArgument('groups', `are ${groups.length} for ${given}`);
  }
  const found = [...new Set(groups)].sort().map((group) => {
    const rows = Array.from(groups.keys()).filter((row) => groups[row] === group);
    return treatmentOf(group, rows, target, called);
  });
  const spread = (of: (one: GroupTreatment) => number) => {
    const values = found.map(of).filter((value) => !Number.isNaN(value));
    return { most: Math.max(...values), least: Math.min(...values) };
  };
  const selected = spread((one) => one.selected);
  const hits = spread((one) => one.truePositiveRate);
  const alarms = spread((one) => one.falsePositiveRate);
  return {
    groups: found,
    parityDifference: selected.most - selected.least,
    parityRatio: selected.most > 0 ? selected.least / selected.most : 1,
    oddsDifference: Math.max(hits.most - hits.least, alarms.most - alarms.least),
  };
}

function treatmentOf(
  group: string,
  rows: readonly number[],
  target: ArrayLike<number>,
  called: ArrayLike<number>,
): GroupTreatment {
  const count = (of: (row: number) => boolean): number => rows.filter(of).length;
  const positives = count((row) => target[row] === 1);
  const chosen = count((row) => called[row] === 1);
  const right = count((row) => target[row] === 1 && called[row] === 1);
  return {
    ...{ group, rows: rows.length, selected: chosen / rows.length },
    truePositiveRate: right / positives,
    falsePositiveRate: (chosen - right) / (rows.length - positives),
    precision: right / chosen,
  };
}
