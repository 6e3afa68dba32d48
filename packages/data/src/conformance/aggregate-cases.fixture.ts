import type { Expression } from '../relations/expression.ts';
import * as a from '../relations/functions/aggregates.ts';
import * as co from '../relations/functions/collections.ts';
import { gt } from '../relations/functions/comparisons.ts';
import { choose } from '../relations/functions/conditionals.ts';
import { isFiniteNumber, remainder } from '../relations/functions/numbers.ts';
import * as st from '../relations/functions/statistics.ts';
import { epochMicros } from '../relations/functions/times.ts';
import type { Measure } from '../relations/measure.ts';
import type { Aggregation } from '../relations/nodes.ts';
import { relation } from '../relations/relation.ts';
import { operands } from './function-tables.fixture.ts';

const source = relation(operands);
type Columns = Parameters<Parameters<typeof source.filter>[0]>[0];
type Cases = (row: Columns) => readonly Measure[];

/** Values whose sums are exact, with NaN and both infinities among them. */
const wild = (o: Columns): Expression<'float'> => choose(isFiniteNumber(o.x), o.z, o.x);
/** Few values, so that many tie. */
const few = (o: Columns) => remainder(o.j, 3);

const momentsOfOne = {
  varianceSample: st.varianceSample,
  variancePopulation: st.variancePopulation,
  deviationSample: st.deviationSample,
  deviationPopulation: st.deviationPopulation,
  skewness: st.skewness,
  kurtosis: st.kurtosis,
};
const momentsOfPairs = {
  covarianceSample: st.covarianceSample,
  covariancePopulation: st.covariancePopulation,
  correlation: st.correlation,
  slope: st.slope,
  intercept: st.intercept,
};

/** For every aggregate the measures that are tried on all groups; each once with `where`. */
export const aggregateCases: Partial<Record<Aggregation, Cases>> = {
  count: () => [a.count()],
  countValues: (o) => [a.count(o.t), a.count(o.x, { where: o.b })],
  countMissing: (o) => [a.countMissing(o.t), a.countMissing(o.ts)],
  countDistinct: (o) => [
    a.countDistinct(o.t),
    a.countDistinct(o.x),
    a.countDistinct(o.d, { where: o.b }),
  ],
  countWhere: (o) => [a.countWhere(o.b), a.countWhere(gt(o.x, 0))],
  approxDistinct: (o) => [a.approxDistinct(o.t)],
  sum: (o) => [a.sum(o.i), a.sum(o.m), a.sum(o.z), a.sum(wild(o)), a.sum(o.i, { where: o.b })],
  min: (o) => [
    a.min(o.i),
    a.min(o.l),
    a.min(o.x),
    a.min(o.t),
    a.min(o.d),
    a.min(o.at),
    a.min(o.b as never),
  ],
  max: (o) => [
    a.max(o.i),
    a.max(o.l),
    a.max(o.x),
    a.max(o.t),
    a.max(o.d),
    a.max(o.day),
    a.max(o.t, { where: o.c }),
  ],
  avg: (o) => [a.avg(o.i), a.avg(o.m), a.avg(o.z), a.avg(wild(o)), a.avg(o.z, { where: o.b })],
  product: (o) => [
    a.product(choose(gt(o.z, 0), o.z, 0.5)),
    a.product(o.z, { where: gt(o.i, 100) }),
  ],
  weightedAvg: (o) => [
    a.weightedAvg(o.z, choose(o.b, o.z, 1)),
    a.weightedAvg(o.z, o.z, { where: o.c }),
  ],
  shareTrue: (o) => [a.shareTrue(o.b), a.shareTrue(o.c, { where: o.b })],
  anyTrue: (o) => [a.anyTrue(o.b), a.anyTrue(gt(o.i, 9000)), a.anyTrue(o.b, { where: o.c })],
  allTrue: (o) => [a.allTrue(o.b), a.allTrue(gt(o.i, -9000)), a.allTrue(o.b, { where: o.c })],
  bitAndAll: (o) => [a.bitAndAll(o.l), a.bitAndAll(o.m, { where: o.b })],
  bitOrAll: (o) => [a.bitOrAll(o.l), a.bitOrAll(o.m, { where: o.b })],
  bitXorAll: (o) => [a.bitXorAll(o.l), a.bitXorAll(o.m, { where: o.b })],
  ...Object.fromEntries(
    Object.entries(momentsOfOne).map(([name, apply]) => [
      name,
      (o: Columns) => [apply(o.z), apply(wild(o)), apply(o.x), apply(o.z, { where: o.b })],
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(momentsOfPairs).map(([name, apply]) => [
      name,
      (o: Columns) => [
        apply(o.z, choose(o.b, o.z, 3)),
        apply(o.z, wild(o)),
        apply(o.z, choose(gt(o.i, 5), o.z, 1), { where: o.c }),
      ],
    ]),
  ),
  median: (o) => [st.median(o.i), st.median(o.z), st.median(o.x), st.median(o.z, { where: o.b })],
  quantile: (o) =>
    [0, 0.1, 0.5, 0.95, 1].flatMap((share) => [
      st.quantile(o.i, share),
      st.quantile(wild(o), share),
    ]),
  quantileDiscrete: (o) =>
    [0, 0.1, 0.5, 0.95, 1].flatMap((share) => [
      st.quantileDiscrete(o.i, share),
      st.quantileDiscrete(o.x, share, { where: o.b }),
    ]),
  mode: (o) => [
    st.mode(o.i),
    st.mode(o.t),
    st.mode(o.z),
    st.mode(o.x),
    st.mode(o.d),
    st.mode(o.t, { where: o.b }),
  ],
  maxBy: (o) => [
    co.maxBy(o.t, few(o)),
    co.maxBy(o.x, o.y),
    co.maxBy(o.d, o.at),
    co.maxBy(o.l, o.t, { where: o.b }),
    co.maxBy(o.b, o.d),
  ],
  minBy: (o) => [
    co.minBy(o.t, few(o)),
    co.minBy(o.x, o.y),
    co.minBy(o.d, o.at),
    co.minBy(o.l, o.t, { where: o.b }),
  ],
  collectList: (o) => [
    co.collectList(o.t, few(o)),
    co.collectList(o.x),
    co.collectList(o.i, epochMicros(o.at), { where: o.b }),
    co.collectList(o.t, o.y),
  ],
  collectSet: (o) => [co.collectSet(o.t), co.collectSet(o.x), co.collectSet(o.i, { where: o.b })],
  joinText: (o) => [
    co.joinText(o.t, ','),
    co.joinText(o.t, '', few(o)),
    co.joinText(o.u, "'\\", o.x, { where: o.b }),
  ],
};
