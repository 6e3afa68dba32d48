import { FingerprintPattern } from 'lucide-react';
import { apiCommand } from '../api-command.ts';
import type { Column, ColumnProfile, Table as TableOf } from '../api-types.ts';
import { Histogram, ShareBar } from '../charts/histogram.tsx';
import { useConsole } from '../console-context.ts';
import { Code } from '../parts/copy.tsx';
import { Count } from '../parts/number.tsx';
import { Panel } from '../parts/panel.tsx';
import { StateMark } from '../parts/state-mark.tsx';
import { type ColumnSpec, Table } from '../parts/table.tsx';
import { hrefWith, navigate, useParam } from '../router.tsx';
import { driftLimit, driftOf } from './table-drift.ts';

interface Row {
  readonly column: Column;
  readonly profile: ColumnProfile | undefined;
  readonly before: ColumnProfile | undefined;
  readonly rows: number;
}

/** The contract's columns, each beside what its rows look like. */
export function ColumnsPanel({ table }: { readonly table: TableOf }) {
  const { t } = useConsole();
  const [selected] = useParam('column');
  const find = (profiles: readonly ColumnProfile[] | undefined, name: string) =>
    profiles?.find((profile) => profile.name === name);
  const rows: readonly Row[] = table.columns.map((column) => ({
    column,
    profile: find(table.profile, column.name),
    before: find(table.profileBefore, column.name),
    rows: table.snapshots[0]?.rows ?? 0,
  }));
  return (
    <Panel
      title={t('table.columns', { count: table.columns.length })}
      aside={
        <span className="legend small">
          <span>
            <span className="legend-mark" style={{ background: 'var(--series-5)' }} />
            {t('table.thisSnapshot')}
          </span>
          {table.profileBefore && (
            <span>
              <span className="legend-line" />
              {t('table.lastSnapshot')}
            </span>
          )}
        </span>
      }
      copies={{
        cli: apiCommand(`/tables/${table.name}`),
        sql: `SELECT ${table.columns.map((column) => column.name).join(', ')} FROM ${table.name}`,
      }}
    >
      <div className="columns-table">
        <Table
          label={t('table.columns', { count: table.columns.length })}
          rows={rows}
          rowKey={(row) => row.column.name}
          selected={selected}
          onOpen={(row) => navigate(hrefWith({ column: row.column.name }))}
          columns={useColumns(table.profileBefore !== undefined)}
        />
      </div>
    </Panel>
  );
}

/** Drift needs a snapshot before; without one its column would only take room. */
function useColumns(drifts: boolean): readonly ColumnSpec<Row>[] {
  const { t, f } = useConsole();
  const drift: ColumnSpec<Row> = {
    id: 'drift',
    title: t('table.drift'),
    end: true,
    cell: (row) => <Drift row={row} />,
  };
  return [
    {
      id: 'column',
      title: t('table.column'),
      cell: ({ column }) => (
        <b className="name">
          <Code>{column.name}</Code>
        </b>
      ),
    },
    {
      id: 'type',
      title: t('table.type'),
      cell: ({ column }) => (
        <span className="second cut" title={column.rules.join(', ')}>
          <Code>{[column.type, ...column.rules.slice(0, 1)].join(' ')}</Code>
        </span>
      ),
    },
    {
      id: 'sensitivity',
      title: t('table.sensitivity'),
      cell: ({ column }) => <Sensitivity column={column} />,
    },
    {
      id: 'purposes',
      title: t('tables.purposes'),
      cell: ({ column }) => <Purposes column={column} />,
    },
    {
      id: 'distribution',
      title: t('table.distribution'),
      cell: (row) => <Distribution row={row} />,
    },
    {
      id: 'nulls',
      title: t('table.nulls'),
      end: true,
      cell: ({ profile, rows }) => profile && f.share(profile.nulls / (rows || 1)),
    },
    {
      id: 'distinct',
      title: t('table.distinct'),
      end: true,
      cell: ({ profile }) => profile && <Count value={profile.distinct} />,
    },
    ...(drifts ? [drift] : []),
  ];
}

function Purposes({ column }: { readonly column: Column }) {
  const { t, f } = useConsole();
  return (
    <span className="small second purposes">
      {column.purposes.length === 0 ? t('table.anyPurpose') : f.list(column.purposes)}
    </span>
  );
}

function Sensitivity({ column }: { readonly column: Column }) {
  const { t } = useConsole();
  const personal = column.sensitivity === 'personal' || column.sensitivity === 'pseudonym';
  return (
    <span className={personal ? 'with-icon' : 'with-icon second'}>
      {personal && <FingerprintPattern aria-hidden size={15} strokeWidth={1.6} className="icon" />}
      {t(`sensitivity.${column.sensitivity}`)}
    </span>
  );
}

/** Population stability against the snapshot before; over its limit it warns. */
function Drift({ row }: { readonly row: Row }) {
  const { f } = useConsole();
  const drift = driftOf(row.profile, row.before);
  if (drift === undefined) return null;
  const text = f.decimal(drift, 2);
  return drift > driftLimit ? <StateMark sign="warn">{text}</StateMark> : text;
}

function Distribution({ row: { profile, before, rows } }: { readonly row: Row }) {
  const { t, f } = useConsole();
  if (profile?.histogram) {
    const quantiles = profile.quantiles;
    const note =
      quantiles?.length === 5
        ? t('table.median', { median: f.number(quantiles[2]!), high: f.number(quantiles[4]!) })
        : t('table.range', {
            low: f.number(profile.histogram.low),
            high: f.number(profile.histogram.high),
          });
    return (
      <span className="distribution">
        <Histogram
          counts={profile.histogram.counts}
          before={before?.histogram?.counts}
          label={t('table.distributionOf', { name: profile.name, note })}
        />
        <span className="small second">{note}</span>
      </span>
    );
  }
  if (!profile?.top?.length) return null;
  const shares = profile.top.map((each) => each.rows / (rows || 1));
  const note = f.list(
    profile.top.slice(0, 3).map(({ value }, index) => `${value}\u00a0${f.share(shares[index]!)}`),
  );
  return (
    <span className="distribution">
      <ShareBar
        shares={shares.slice(0, 4)}
        label={t('table.distributionOf', { name: profile.name, note })}
      />
      <bdi className="small second">{note}</bdi>
    </span>
  );
}
