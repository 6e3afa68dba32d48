const small = { width: 136, height: 22 };
const large = { width: 300, height: 96 };

/** Bars of this snapshot; the outline is the snapshot before, scaled to the same rows. */
export function Histogram(props: {
  readonly counts: readonly number[];
  readonly before?: readonly number[] | undefined;
  readonly label: string;
  /** Fills its panel. */
  readonly large?: boolean;
}) {
  const { width, height } = props.large ? large : small;
  const shares = normalise(props.counts);
  const before = props.before?.length === props.counts.length ? normalise(props.before) : undefined;
  const top = Math.max(...shares, ...(before ?? []), 1e-9);
  const step = width / shares.length;
  const y = (share: number): number => height - (share / top) * (height - 1);
  return (
    <svg
      className={props.large ? 'histogram-large' : 'histogram'}
      {...(props.large ? {} : { width, height })}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
    >
      <title>{props.label}</title>
      {shares.map((share, index) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: bins have fixed places
          key={index}
          x={index * step}
          y={y(share)}
          width={step - 1}
          height={height - y(share)}
        />
      ))}
      {before && <path className="outline" d={outline(before, step, y, height)} />}
    </svg>
  );
}

function normalise(counts: readonly number[]): readonly number[] {
  const total = counts.reduce((sum, count) => sum + count, 0) || 1;
  return counts.map((count) => count / total);
}

function outline(
  shares: readonly number[],
  step: number,
  y: (share: number) => number,
  height: number,
): string {
  const steps = shares.map((share, index) => `L${index * step},${y(share)}H${(index + 1) * step}`);
  return `M0,${height}${steps.join('')}V${height}`;
}

/** The shares of the commonest values, and of all others together, in one bar. */
export function ShareBar({
  shares,
  label,
}: {
  readonly shares: readonly number[];
  readonly label: string;
}) {
  const rest = Math.max(0, 1 - shares.reduce((sum, share) => sum + share, 0));
  return (
    <span className="share-bar" role="img" aria-label={label}>
      {[...shares, rest].map((share, index) => (
        // Segments have fixed places.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <span key={index} style={{ flexGrow: share }} />
      ))}
    </span>
  );
}
