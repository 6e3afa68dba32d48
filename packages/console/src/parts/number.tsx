import { useConsole } from '../console-context.ts';
import type { IntervalStyle, IntervalValue } from '../format/numbers.ts';

/** A count, shortened from a million on, exact on hover. */
export function Count({ value }: { readonly value: number }) {
  const { f } = useConsole();
  return <span title={f.exact(value)}>{f.number(value)}</span>;
}

/** A signed count in its own direction. */
export function Delta({ value }: { readonly value: number }) {
  const { f } = useConsole();
  return (
    <bdi dir="ltr" title={f.exact(value)}>
      {f.difference(value)}
    </bdi>
  );
}

/** An estimate in ink and its bounds in grey. */
export function Interval({
  of,
  style,
}: {
  readonly of: IntervalValue;
  readonly style?: IntervalStyle;
}) {
  const { f } = useConsole();
  const { estimate, bounds } = f.interval(of, style);
  return (
    <span className="interval">
      <bdi dir="ltr" className="name">
        {estimate}
      </bdi>{' '}
      <bdi dir="ltr" className="second small">
        {bounds}
      </bdi>
    </span>
  );
}

/** A share of a whole as a bar that grows from the line's start. */
export function Meter(props: {
  readonly label: string;
  readonly value: number;
  readonly max: number;
  readonly text: string;
  readonly tone?: 'usual' | 'run' | 'fail' | 'ok';
}) {
  const percent = props.max > 0 ? Math.min(100, (props.value / props.max) * 100) : 0;
  return (
    // The element of that name cannot be styled alike in every browser.
    // biome-ignore lint/a11y/useSemanticElements: see above
    <span
      className={`meter tone-${props.tone ?? 'usual'}`}
      role="meter"
      aria-label={props.label}
      aria-valuenow={Math.round(percent)}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuetext={props.text}
    >
      <span style={{ inlineSize: `${percent}%` }} />
    </span>
  );
}
