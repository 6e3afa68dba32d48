import { apiCommand } from '../api-command.ts';
import type { Snapshot, Table as TableOf } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { Id } from '../parts/copy.tsx';
import { Count, Delta } from '../parts/number.tsx';
import { Empty, Panel } from '../parts/panel.tsx';
import { StateIcon } from '../parts/state-mark.tsx';
import { Table } from '../parts/table.tsx';

/** Versions of the rows, newest first, with what each added or took away. */
export function SnapshotsPanel({
  table,
  most,
}: {
  readonly table: TableOf;
  readonly most: number;
}) {
  const { t, f, now } = useConsole();
  const rows = table.snapshots.slice(0, most);
  const largest = Math.max(1, ...rows.map((row) => Math.abs(row.rowDelta ?? 0)));
  return (
    <Panel title={t('table.snapshots')} copies={{ cli: apiCommand(`/tables/${table.name}`) }}>
      <div className="bare-table">
        <Table
          label={t('table.snapshots')}
          rows={rows}
          rowKey={(row) => row.digest}
          selected={table.snapshots[0]?.digest}
          empty={<Empty sentence={t('tables.noRows')} />}
          columns={[
            { id: 'digest', title: t('tables.snapshot'), cell: (row) => <Name row={row} /> },
            {
              id: 'at',
              title: t('tables.changed'),
              end: true,
              cell: (row) => (
                <span className="small third">
                  <time dateTime={new Date(row.at).toISOString()} title={f.instant(row.at)}>
                    {f.brief(now - row.at)}
                  </time>
                </span>
              ),
            },
            {
              id: 'rows',
              title: t('tables.rows'),
              end: true,
              cell: (row) => <Count value={row.rows} />,
            },
            {
              id: 'delta',
              title: t('table.delta'),
              end: true,
              cell: (row) =>
                row.rowDelta !== undefined && (
                  <span className="small second">
                    <Delta value={row.rowDelta} />
                  </span>
                ),
            },
            {
              id: 'bar',
              title: '',
              width: '44px',
              cell: (row) => (
                <span className="delta-bar" aria-hidden>
                  <span
                    style={{ inlineSize: `${(Math.abs(row.rowDelta ?? 0) / largest) * 100}%` }}
                  />
                </span>
              ),
            },
          ]}
        />
      </div>
    </Panel>
  );
}

function Name({ row }: { readonly row: Snapshot }) {
  return (
    <span className="with-icon">
      <StateIcon sign={(row.rowDelta ?? 0) < 0 ? 'warn' : 'ok'} size={14} />
      <Id id={row.digest} copy={false} />
    </span>
  );
}
