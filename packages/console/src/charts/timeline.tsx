import type { ReactNode } from 'react';
import { useConsole } from '../console-context.ts';
import type { Sign } from '../state.ts';
import { ticks } from './scale.ts';

export interface TimelineBar {
  readonly key: string;
  readonly from: number;
  readonly to: number;
  readonly sign: Sign;
  /** What a screen reader and a pointer learn of it. */
  readonly label: string;
  readonly href?: string;
}

export interface TimelineRow {
  readonly key: string;
  readonly label: ReactNode;
  readonly bars: readonly TimelineBar[];
  /** Beside the last bar. */
  readonly note?: string | undefined;
  /** A whole that its indented rows are the shards of. */
  readonly group?: boolean;
  readonly indent?: boolean;
  readonly selected?: boolean;
  readonly onPick?: (() => void) | undefined;
}

interface TimelineProps {
  readonly label: string;
  readonly rows: readonly TimelineRow[];
  readonly domain: readonly [number, number];
  readonly now?: number | undefined;
  /** The text of an instant on the axis. */
  readonly tick: (at: number) => string;
  readonly tickTimes?: readonly number[];
  readonly axisBelow?: boolean;
}

/** Bars over time, one row for each thing. Time runs from left to right in every language. */
export function Timeline(props: TimelineProps) {
  const { domain, rows, now } = props;
  const span = domain[1] - domain[0] || 1;
  const percent = (at: number): number =>
    Math.min(100, Math.max(0, ((at - domain[0]) / span) * 100));
  const times = props.tickTimes ?? ticks(domain[0], domain[1], 5);
  const axis = <TimelineAxis times={times} percent={percent} tick={props.tick} now={now} />;
  return (
    <div className={props.axisBelow ? 'timeline below' : 'timeline'}>
      {!props.axisBelow && axis}
      <ul className="timeline-rows" aria-label={props.label} data-rows="">
        {rows.map((row) => (
          <Row key={row.key} row={row} percent={percent} times={times} now={now} />
        ))}
      </ul>
      {props.axisBelow && axis}
    </div>
  );
}

type Percent = (at: number) => number;

function TimelineAxis(props: {
  readonly times: readonly number[];
  readonly percent: Percent;
  readonly tick: (at: number) => string;
  readonly now: number | undefined;
}) {
  const { t } = useConsole();
  const { now, percent } = props;
  // The word for now stands where it is; a tick that it would cover gives way.
  const times = props.times.filter(
    (at) => now === undefined || Math.abs(percent(at) - percent(now)) > 7,
  );
  return (
    <div className="timeline-axis small third" aria-hidden>
      <span />
      <div className="timeline-track" dir="ltr">
        {times.map((at) => (
          <span key={at} style={{ left: `${props.percent(at)}%` }}>
            <bdi>{props.tick(at)}</bdi>
          </span>
        ))}
        {props.now !== undefined && (
          <span className="now" style={{ left: `${props.percent(props.now)}%` }}>
            {t('chart.now')}
          </span>
        )}
      </div>
    </div>
  );
}

function Row(props: {
  readonly row: TimelineRow;
  readonly percent: Percent;
  readonly times: readonly number[];
  readonly now: number | undefined;
}) {
  const { row, percent, times, now } = props;
  const end = Math.max(0, ...row.bars.map((bar) => percent(bar.to)));
  const kind = `${row.group ? ' group' : ''}${row.indent ? ' indent' : ''}`;
  const summary = row.bars.map((bar) => bar.label).join(', ');
  return (
    <li className={`timeline-row${kind}${row.selected ? ' selected' : ''}`}>
      {row.onPick ? (
        <button
          type="button"
          className="timeline-label"
          data-row={row.key}
          aria-current={row.selected || undefined}
          onClick={row.onPick}
        >
          {row.label}
          <span className="hidden-visually">{summary}</span>
        </button>
      ) : (
        <span className="timeline-label">
          {row.label}
          <span className="hidden-visually">{summary}</span>
        </span>
      )}
      <div className="timeline-track" dir="ltr" aria-hidden>
        {times.map((at) => (
          <i key={at} className="timeline-grid" style={{ left: `${percent(at)}%` }} />
        ))}
        {now !== undefined && <i className="timeline-now" style={{ left: `${percent(now)}%` }} />}
        {row.bars.map((bar) => (
          <i
            key={bar.key}
            className={`bar bar-${bar.sign}`}
            title={bar.label}
            style={{
              left: `${percent(bar.from)}%`,
              width: `${percent(bar.to) - percent(bar.from)}%`,
            }}
          />
        ))}
        {row.note !== undefined && (
          <span
            className="timeline-note small third"
            style={
              end > 82
                ? { right: `${100 - Math.min(...row.bars.map((bar) => percent(bar.from)))}%` }
                : { left: `${end}%` }
            }
          >
            <bdi>{row.note}</bdi>
          </span>
        )}
      </div>
    </li>
  );
}
