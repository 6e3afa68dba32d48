import type { LossPoint } from '../api-types.ts';

const width = 240;
const height = 40;

/** How the loss of a fit went, from its highest to its lowest: a picture of the way, without a scale. */
export function LossCurve({
  points,
  label,
}: {
  readonly points: readonly LossPoint[];
  readonly label: string;
}) {
  const losses = points.map(({ loss }) => loss);
  const [low, high] = [Math.min(...losses), Math.max(...losses)];
  const [first, last] = [points[0]!.done, points.at(-1)!.done];
  const x = (done: number): number => ((done - first) / (last - first || 1)) * width;
  const y = (loss: number): number =>
    height - 2 - ((loss - low) / (high - low || 1)) * (height - 4);
  const path = points.map(({ done, loss }) => `${x(done).toFixed(1)},${y(loss).toFixed(1)}`);
  return (
    <svg
      className="loss-curve"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
    >
      <title>{label}</title>
      <path d={`M${path.join('L')}`} />
    </svg>
  );
}
