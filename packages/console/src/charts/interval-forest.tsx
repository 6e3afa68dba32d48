import { useConsole } from '../console-context.ts';
import type { IntervalStyle, IntervalValue } from '../format/numbers.ts';
import { linear, ticks } from './scale.ts';

const width = 200;
const height = 30;

/** The verdict of a difference: decided when its interval leaves out "same". */
export type Verdict = 'better' | 'worse' | 'undecided';

export function verdictOf({ low, high }: IntervalValue): Verdict {
  return low > 0 ? 'better' : high < 0 ? 'worse' : 'undecided';
}

/** A domain for a forest of differences: all bounds, and "same" within. */
export function forestDomain(intervals: readonly IntervalValue[]): readonly [number, number] {
  const low = Math.min(0, ...intervals.map((interval) => interval.low));
  const high = Math.max(0, ...intervals.map((interval) => interval.high));
  const margin = (high - low || 1) * 0.08;
  return [low - margin, high + margin];
}

/** The axis above a forest's marks, centred on "same". */
export function ForestAxis(props: {
  readonly domain: readonly [number, number];
  readonly style: IntervalStyle;
}) {
  const { t, f } = useConsole();
  const x = linear(props.domain, [0, width]);
  return (
    <svg className="forest" width={width} height={20} aria-hidden="true">
      {ticks(...props.domain, 6).map((tick) => (
        <text key={tick} x={x(tick)} y={14} textAnchor="middle">
          {tick === 0
            ? t('chart.same')
            : f.decimal(tick * (props.style.share ? 100 : 1), decimals(tick, props.style), true)}
        </text>
      ))}
    </svg>
  );
}

function decimals(tick: number, style: IntervalStyle): number {
  const size = Math.abs(tick) * (style.share ? 100 : 1);
  return size >= 1 ? 0 : Math.min(4, Math.ceil(-Math.log10(size)));
}

/** One interval: filled when decided, a hollow grey ring when not, a square when worse. */
export function ForestMark(props: {
  readonly of: IntervalValue;
  readonly domain: readonly [number, number];
  readonly label: string;
}) {
  const { of, domain } = props;
  const x = linear(domain, [0, width]);
  const middle = height / 2;
  const verdict = verdictOf(of);
  return (
    <svg className={`forest verdict-${verdict}`} width={width} height={height} role="img">
      <title>{props.label}</title>
      {ticks(...domain, 6).map((tick) => (
        <line
          key={tick}
          className={tick === 0 ? 'same' : 'grid'}
          x1={x(tick)}
          x2={x(tick)}
          y1={0}
          y2={height}
        />
      ))}
      <line className="span" x1={x(of.low)} x2={x(of.high)} y1={middle} y2={middle} />
      <line className="span" x1={x(of.low)} x2={x(of.low)} y1={middle - 4} y2={middle + 4} />
      <line className="span" x1={x(of.high)} x2={x(of.high)} y1={middle - 4} y2={middle + 4} />
      {verdict === 'worse' ? (
        <rect className="point" x={x(of.value) - 4} y={middle - 4} width={8} height={8} />
      ) : (
        <circle className="point" cx={x(of.value)} cy={middle} r={4} />
      )}
    </svg>
  );
}
