import { type KeyboardEvent, lazy, Suspense, useState } from 'react';
import { useConsole } from '../console-context.ts';
import { linear, roundTop, ticks } from './scale.ts';
import { useWidth } from './use-width.ts';

/** Loaded only for series that are too long to be drawn as marks of the page. */
const LongLines = lazy(() => import('./long-lines.tsx'));

export interface Series {
  readonly name: string;
  /** `series-1` to `series-6` or `series-base`. */
  readonly colour: string;
  /** A value for each instant; a gap in the data is `null` and stays a gap. */
  readonly values: readonly (number | null)[];
  readonly strong?: boolean;
  readonly area?: boolean;
}

export interface LineChartProps {
  /** One sentence that says what the chart shows. */
  readonly summary: string;
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly limit?: { readonly value: number; readonly label: string } | undefined;
  readonly height: number;
  readonly print: (value: number) => string;
}

const most = 2000;
const margin = { start: 44, end: 12, top: 14, bottom: 24 };

/** Lines over time from zero. Arrows walk the points, Home and End jump; the reading is announced. */
export function LineChart(props: LineChartProps) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const marks = props.times.length * props.series.length;
  return (
    <div ref={ref} className="chart" style={{ blockSize: props.height }} dir="ltr">
      {width > 0 &&
        (marks > most ? (
          <Suspense>
            <LongLines {...props} width={width} />
          </Suspense>
        ) : (
          <Lines {...props} width={width} />
        ))}
    </div>
  );
}

function Lines(props: LineChartProps & { readonly width: number }) {
  const { times, series, width, height, limit, print } = props;
  const [at, setAt] = useState<number>();
  const values = series.flatMap((line) => line.values).filter((value) => value !== null);
  const top = roundTop(Math.max(...values, (limit?.value ?? 0) * 1.1, 0));
  const x = linear([times[0] ?? 0, times.at(-1) ?? 1], [margin.start, width - margin.end]);
  const y = linear([0, top], [height - margin.bottom, margin.top]);
  const walk = (event: KeyboardEvent): void => {
    const next = walkedTo(event.key, at, times.length);
    if (next === undefined) return;
    event.preventDefault();
    setAt(next);
  };
  return (
    <div
      className="chart-walk"
      role="img"
      aria-label={props.summary}
      // A chart is walked point by point, so it takes focus although it is no control.
      // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
      tabIndex={0}
      onKeyDown={walk}
      onBlur={() => setAt(undefined)}
    >
      <svg width={width} height={height} aria-hidden="true">
        <Axes x={x} y={y} top={top} {...props} />
        {series.map((line) => (
          <SeriesPath key={line.name} line={line} times={times} x={x} y={y} />
        ))}
        {limit && (
          <g className="limit">
            <line
              x1={margin.start}
              x2={width - margin.end}
              y1={y(limit.value)}
              y2={y(limit.value)}
            />
            <text x={width - margin.end} y={y(limit.value) - 5} textAnchor="end">
              {limit.label}
            </text>
          </g>
        )}
        {at !== undefined && (
          <line
            className="cursor"
            x1={x(times[at]!)}
            x2={x(times[at]!)}
            y1={margin.top}
            y2={y(0)}
          />
        )}
      </svg>
      {at !== undefined && <Reading at={at} x={x(times[at]!)} {...props} print={print} />}
    </div>
  );
}

/** The point that a key leads to. */
function walkedTo(key: string, at: number | undefined, count: number): number | undefined {
  const next = {
    ArrowLeft: (at ?? count) - 1,
    ArrowRight: (at ?? -1) + 1,
    Home: 0,
    End: count - 1,
  }[key];
  return next === undefined ? undefined : Math.min(Math.max(next, 0), count - 1);
}

function Axes(
  props: LineChartProps & {
    readonly width: number;
    readonly top: number;
    readonly x: (at: number) => number;
    readonly y: (value: number) => number;
  },
) {
  const { f, t } = useConsole();
  const { times, x, y, width, height } = props;
  const first = times[0] ?? 0;
  const last = times.at(-1) ?? 1;
  const marks = [0, 1, 2, 3].map((index) => first + ((last - first) * index) / 4);
  return (
    <g className="axes">
      {ticks(0, props.top, 4).map((tick) => (
        <g key={tick}>
          <line
            className="grid"
            x1={margin.start}
            x2={width - margin.end}
            y1={y(tick)}
            y2={y(tick)}
          />
          <text x={margin.start - 8} y={y(tick) + 4} textAnchor="end">
            {props.print(tick)}
          </text>
        </g>
      ))}
      {marks.map((at, index) => (
        <text key={at} x={x(at)} y={height - 6} textAnchor={index === 0 ? 'start' : 'middle'}>
          {f.minute(at)}
        </text>
      ))}
      <text x={x(last)} y={height - 6} textAnchor="end" className="now">
        {t('chart.now')}
      </text>
    </g>
  );
}

function SeriesPath(props: {
  readonly line: Series;
  readonly times: readonly number[];
  readonly x: (at: number) => number;
  readonly y: (value: number) => number;
}) {
  const { line, times, x, y } = props;
  const colour = `var(--${line.colour})`;
  let pen = 'M';
  const path = line.values
    .map((value, index) => {
      if (value === null) {
        pen = 'M';
        return '';
      }
      const step = `${pen}${x(times[index]!).toFixed(1)},${y(value).toFixed(1)}`;
      pen = 'L';
      return step;
    })
    .join('');
  const area = `${path}L${x(times.at(-1) ?? 0)},${y(0)}L${x(times[0] ?? 0)},${y(0)}Z`;
  return (
    <g>
      {line.area && path && <path className="area" d={area} fill={colour} />}
      <path className={line.strong ? 'line strong' : 'line'} d={path} stroke={colour} />
    </g>
  );
}

function Reading(
  props: LineChartProps & { readonly at: number; readonly x: number; readonly width: number },
) {
  const { f } = useConsole();
  const { at, times, series, x, width, print } = props;
  return (
    <output
      className="reading small"
      style={x > width / 2 ? { right: width - x + 8 } : { left: x + 8 }}
    >
      <b>{f.minute(times[at]!)}</b>
      {series.map((line) => {
        const value = line.values[at];
        return <span key={line.name}>{`${line.name} ${value == null ? '–' : print(value)}`}</span>;
      })}
    </output>
  );
}

/** Names of the series with their last value, for a panel's head. */
export function Legend({
  series,
  print,
}: {
  readonly series: readonly Series[];
  readonly print?: (value: number) => string;
}) {
  return (
    <span className="legend small">
      {series.map((line) => {
        const last = line.values.findLast((value) => value !== null);
        return (
          <span key={line.name}>
            <span className="legend-mark" style={{ background: `var(--${line.colour})` }} />
            {line.name}
            {print && last != null && <b>{print(last)}</b>}
          </span>
        );
      })}
    </span>
  );
}
