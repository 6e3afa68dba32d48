import { useConsole } from '../console-context.ts';
import type { Inclusion } from '../inclusion.ts';

const box = { width: 54, height: 22 };
const step = { x: 44, y: 46 };
const shown = 4;

interface Level {
  readonly node: string;
  readonly sibling?: string;
  readonly side?: 'left' | 'right';
}

/** The path from the root down to the entry, with the hashes beside it. */
export function ProofTree({ found }: { readonly found: Inclusion }) {
  const { t } = useConsole();
  const all: readonly Level[] = [{ node: found.top }, ...found.steps.toReversed()];
  const levels = all.length <= shown ? all : [...all.slice(0, shown - 1), all.at(-1)!];
  const hidden = all.length - levels.length;
  const width = 330;
  const x = (level: number): number => 176 - level * step.x;
  const height = (levels.length - 1) * step.y + box.height + 2;
  return (
    <svg
      className="proof"
      width={width}
      height={height}
      role="img"
      aria-label={t('audit.treeSummary', { count: found.steps.length })}
      direction="ltr"
    >
      {levels.map((level, index) => {
        const y = index * step.y + 1;
        const up = y - step.y + box.height;
        const parent = x(index - 1) + box.width / 2;
        const skipped = hidden > 0 && index === levels.length - 1;
        const sibling = x(index) + box.width + 60;
        return (
          <g key={level.node}>
            {index > 0 && (
              <>
                {level.sibling !== undefined && (
                  <path
                    className="beside"
                    d={`M${parent},${up}V${up + 12}H${sibling + box.width / 2}V${y}`}
                  />
                )}
                <path
                  className={skipped ? 'own skipped' : 'own'}
                  d={`M${parent},${up}V${up + 12}H${x(index) + box.width / 2}V${y}`}
                />
              </>
            )}
            <Node x={x(index)} y={y} hash={level.node} own />
            {level.sibling !== undefined && <Node x={sibling} y={y} hash={level.sibling} />}
            {index === 0 && (
              <text x={x(0) + box.width + 10} y={y + 15}>
                {t('audit.rootWord')}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}

function Node(props: {
  readonly x: number;
  readonly y: number;
  readonly hash: string;
  readonly own?: boolean;
}) {
  return (
    <g className={props.own ? 'proof-node own' : 'proof-node'}>
      <rect x={props.x} y={props.y} width={box.width} height={box.height} rx={4} />
      <text className="mono" x={props.x + box.width / 2} y={props.y + 15} textAnchor="middle">
        {props.hash.slice(0, 4)}
      </text>
    </g>
  );
}
