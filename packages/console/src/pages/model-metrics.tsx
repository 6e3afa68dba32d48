import type { MetricRow, Version } from '../api-types.ts';
import {
  ForestAxis,
  ForestMark,
  forestDomain,
  type Verdict,
  verdictOf,
} from '../charts/interval-forest.tsx';
import { useConsole } from '../console-context.ts';
import { Count, Interval } from '../parts/number.tsx';
import { Empty, Panel } from '../parts/panel.tsx';
import { Segments } from '../parts/segments.tsx';
import { StateMark } from '../parts/state-mark.tsx';
import { type ColumnSpec, Table } from '../parts/table.tsx';
import { useParam } from '../router.tsx';
import type { Sign } from '../state.ts';

const verdictSigns: Readonly<Record<Verdict, Sign>> = {
  better: 'ok',
  worse: 'fail',
  undecided: 'idle',
};

/** A metric by slice with intervals: the total first, then by size. */
export function MetricsPanel({
  version,
  all,
}: {
  readonly version: Version;
  readonly all: boolean;
}) {
  const { t, f } = useConsole();
  const [by, setBy] = useParam('by');
  const [metric, setMetric] = useParam('metric');
  const metrics = [...new Set(version.rows.map((row) => row.metric))];
  const chosen =
    metric !== undefined && metrics.includes(metric) ? metric : (preferred(version) ?? metrics[0]);
  const slices = slicesOf(version);
  const slice = by !== undefined && slices.includes(by) ? by : slices[0];
  const rows = version.rows
    .filter((row) => row.metric === chosen && (row.slice === 'all' || row.slice === slice))
    .toSorted(
      (one, two) =>
        Number(two.slice === 'all') - Number(one.slice === 'all') || two.accounts - one.accounts,
    );
  const level = rows[0]?.difference?.level ?? rows[0]?.estimate.level;
  return (
    <Panel
      title={
        <>
          <bdi dir="ltr">{chosen}</bdi>
          {version.baseline !== undefined && (
            <span className="second"> {t('model.against', { base: version.baseline })}</span>
          )}
        </>
      }
      className={all ? 'grows' : 'metrics-panel'}
      aside={
        <>
          {metrics.length > 1 && (
            <Segments
              label={t('model.metrics')}
              current={chosen ?? ''}
              onSelect={setMetric}
              segments={metrics.slice(0, 4).map((id) => ({ id, title: id }))}
            />
          )}
          {slices.length > 1 && (
            <Segments
              label={t('model.slice')}
              current={slice ?? ''}
              onSelect={setBy}
              segments={slices.map((id) => ({ id, title: sliceTitle(id) }))}
            />
          )}
        </>
      }
      copies={{ cli: `backlot models ${version.model} ${version.version}` }}
      foot={
        version.absentSlices.length > 0 && (
          <span className="small second">
            {t('model.absent', { slices: f.list(version.absentSlices) })}
          </span>
        )
      }
    >
      <div className="forest-table">
        <Table
          label={t('model.metrics')}
          rows={rows}
          rowKey={(row) => `${row.slice} ${row.value}`}
          empty={<Empty sentence={t('model.noMetrics')} />}
          columns={useColumns(version, rows, level)}
        />
      </div>
    </Panel>
  );
}

/** What rows were sliced by; storefronts come first, for a model is launched by storefront. */
export function slicesOf(version: Version): readonly string[] {
  return [...new Set(version.rows.map((row) => row.slice))]
    .filter((slice) => slice !== 'all')
    .toSorted((one, two) => Number(two === 'storefront') - Number(one === 'storefront'));
}

function sliceTitle(slice: string): string {
  return slice.charAt(0).toUpperCase() + slice.slice(1);
}

/** NDCG weighs the order of what is shown, which is what a person sees. */
function preferred(version: Version): string | undefined {
  return version.rows.find(({ metric }) => metric.toLowerCase().startsWith('ndcg'))?.metric;
}

function useColumns(
  version: Version,
  rows: readonly MetricRow[],
  level: number | undefined,
): readonly ColumnSpec<MetricRow>[] {
  const { t, f } = useConsole();
  const differences = rows.flatMap(({ difference }) => difference ?? []);
  const domain = forestDomain(differences);
  const levelText = level === undefined ? '' : f.share(level);
  const first: ColumnSpec<MetricRow>[] = [
    {
      id: 'value',
      title: sliceTitle(rows.find(({ slice }) => slice !== 'all')?.slice ?? t('model.slice')),
      cell: ({ slice, value }) =>
        slice === 'all' ? (
          <b>{t('model.all')}</b>
        ) : (
          <bdi className="name" title={f.storefront(value)}>
            {value}
          </bdi>
        ),
    },
    {
      id: 'accounts',
      title: t('model.accounts'),
      end: true,
      cell: ({ accounts }) => (
        <span className="second">
          <Count value={accounts} />
        </span>
      ),
    },
  ];
  const drawn = useDifferenceColumns(domain, levelText);
  if (differences.length === 0) {
    return [
      ...first,
      {
        id: 'estimate',
        title: t('model.estimate', { level: levelText }),
        end: true,
        cell: ({ estimate }) => <Interval of={estimate} />,
      },
    ];
  }
  return [
    ...first,
    {
      id: 'baseline',
      title: <bdi dir="ltr">{version.baseline ?? t('model.before')}</bdi>,
      end: true,
      cell: ({ baseline }) =>
        baseline && <span className="second">{f.decimal(baseline.value, 4)}</span>,
    },
    {
      id: 'estimate',
      title: <bdi dir="ltr">{`v${version.version}`}</bdi>,
      end: true,
      cell: ({ estimate }) => f.decimal(estimate.value, 4),
    },
    ...drawn,
  ];
}

/** The mark, the number and the word of one difference: all three from the same interval. */
function useDifferenceColumns(
  domain: readonly [number, number],
  levelText: string,
): readonly ColumnSpec<MetricRow>[] {
  const { t, f } = useConsole();
  return [
    {
      id: 'forest',
      title: <ForestAxis domain={domain} style={{}} />,
      width: '220px',
      cell: ({ difference, value }) =>
        difference && (
          <ForestMark
            of={difference}
            domain={domain}
            label={t('model.markOf', {
              value,
              change: f.interval(difference, { signed: true }).text,
            })}
          />
        ),
    },
    {
      id: 'difference',
      title: t('model.difference', { level: levelText }),
      end: true,
      cell: ({ difference }) => difference && <Interval of={difference} style={{ signed: true }} />,
    },
    {
      id: 'verdict',
      title: '',
      cell: ({ difference }) => {
        if (difference === undefined) return null;
        const verdict = verdictOf(difference);
        return <StateMark sign={verdictSigns[verdict]}>{t(`verdict.${verdict}`)}</StateMark>;
      },
    },
  ];
}
