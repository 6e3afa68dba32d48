import { ArrowRight } from 'lucide-react';
import { api } from '../api.ts';
import { apiCommand } from '../api-command.ts';
import type { QuarantineGroup, Table as TableOf } from '../api-types.ts';
import { useConsole } from '../console-context.ts';
import { Code, Command } from '../parts/copy.tsx';
import { Count } from '../parts/number.tsx';
import { Empty, Panel } from '../parts/panel.tsx';
import { type ColumnSpec, Table } from '../parts/table.tsx';
import { Ago } from '../parts/time.tsx';
import { useQuery } from '../query.ts';
import { useParam } from '../router.tsx';

const keyOf = (group: QuarantineGroup): string => `${group.delivery} ${group.rule} ${group.column}`;

/** Rows that were held back, grouped by the rule they broke, each with its mend. */
export function QuarantinePanel({ table }: { readonly table: TableOf }) {
  const { t } = useConsole();
  const [picked, setPicked] = useParam('rule');
  const groups = table.quarantine;
  const selected = groups.find((group) => keyOf(group) === picked) ?? groups[0];
  const columns = useColumns();
  const held = groups.reduce((sum, group) => sum + group.rows, 0);
  return (
    <Panel
      title={t('table.quarantine')}
      className="grows"
      aside={selected && <span className="second">{t('quarantine.held', { count: held })}</span>}
      copies={{ cli: apiCommand(`/tables/${table.name}/quarantine`) }}
    >
      <Table
        label={t('table.quarantine')}
        rows={groups}
        rowKey={keyOf}
        selected={selected && keyOf(selected)}
        onOpen={(group) => setPicked(keyOf(group))}
        empty={<Empty sentence={t('quarantine.none')} />}
        columns={columns}
      />
      {selected && <Mend table={table.name} group={selected} />}
    </Panel>
  );
}

function useColumns(): readonly ColumnSpec<QuarantineGroup>[] {
  const { t, f } = useConsole();
  return [
    {
      id: 'row',
      title: t('quarantine.first'),
      cell: (group) => <span className="mono">{f.exact(group.firstRow)}</span>,
    },
    { id: 'column', title: t('table.column'), cell: (group) => <Code>{group.column}</Code> },
    {
      id: 'value',
      title: t('quarantine.value'),
      cell: (group) => (
        <span className="hue-fail">
          {group.example === undefined ? (
            <span className="third">{t('quarantine.personal')}</span>
          ) : (
            <Code>{group.example}</Code>
          )}
        </span>
      ),
    },
    {
      id: 'rule',
      title: t('quarantine.rule'),
      cell: (group) => (
        <span className="second">
          <Code>{group.rule}</Code>
        </span>
      ),
    },
    {
      id: 'mend',
      title: t('panel.mend'),
      cell: (group) => <bdi className="small">{group.mend}</bdi>,
    },
    {
      id: 'at',
      title: t('runs.when'),
      end: true,
      cell: (group) => (
        <span className="small third">
          <Ago at={group.at} />
        </span>
      ),
    },
    {
      id: 'rows',
      title: t('tables.rows'),
      end: true,
      cell: (group) => <Count value={group.rows} />,
    },
  ];
}

/** The rows of one rule, and what mends them. */
function Mend({ table, group }: { readonly table: string; readonly group: QuarantineGroup }) {
  const { t, f } = useConsole();
  const { data } = useQuery(`quarantine ${table} ${group.delivery}`, () =>
    api.quarantine(table, { delivery: group.delivery, limit: 100 }),
  );
  const rows =
    data?.rows.filter((row) => row.rule === group.rule && row.column === group.column) ?? [];
  return (
    <div className="mend small">
      <span className="second">
        {t('quarantine.rows', {
          count: group.rows,
          rows: f.list(
            (rows.length > 0 ? rows.slice(0, 4).map((row) => row.row) : [group.firstRow]).map(
              f.exact,
            ),
          ),
        })}
      </span>
      <ArrowRight aria-hidden size={14} strokeWidth={1.6} className="icon directional third" />
      <bdi>{group.mend}</bdi>
      <span className="grow" />
      <Command>{`backlot deliver ${table} MENDED-FILE`}</Command>
    </div>
  );
}
