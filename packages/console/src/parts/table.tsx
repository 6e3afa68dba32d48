import { ArrowDown, ArrowUp } from 'lucide-react';
import { type KeyboardEvent, type MouseEvent, type ReactNode, useMemo } from 'react';
import { useConsole } from '../console-context.ts';

export interface ColumnSpec<Row> {
  readonly id: string;
  readonly title: ReactNode;
  readonly cell: (row: Row) => ReactNode;
  readonly end?: boolean;
  /** What the column sorts by; a column without it does not sort. */
  readonly by?: (row: Row) => number | string;
  readonly width?: string;
}

interface TableProps<Row> {
  readonly label: string;
  readonly columns: readonly ColumnSpec<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly selected?: string | undefined;
  /** Opens a row: click, or Enter on it. */
  readonly onOpen?: (row: Row) => void;
  /** `-took` sorts by `took`, largest first. */
  readonly sort?: string | undefined;
  readonly onSort?: (sort: string | undefined) => void;
  readonly empty?: ReactNode;
}

/** Rows under a head that sticks; `j` and `k` walk them, Enter opens one. */
export function Table<Row>(props: TableProps<Row>) {
  const { columns, rows, sort } = props;
  const sorted = useMemo(() => sortRows(rows, columns, sort), [rows, columns, sort]);
  if (rows.length === 0 && props.empty !== undefined) return props.empty;
  return (
    <div className="table-scroll">
      <table className="table" aria-label={props.label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <Head key={column.id} column={column} sort={sort} onSort={props.onSort} />
            ))}
          </tr>
        </thead>
        <tbody data-rows="" onKeyDown={walkRows}>
          {sorted.map((row, index) => (
            <BodyRow key={props.rowKey(row)} row={row} first={index === 0} table={props} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly ColumnSpec<Row>[],
  sort: string | undefined,
): readonly Row[] {
  const by = columns.find((column) => column.id === sort?.replace(/^-/, ''))?.by;
  if (by === undefined) return rows;
  const sign = sort?.startsWith('-') ? -1 : 1;
  return [...rows].sort((one, two) => {
    const [left, right] = [by(one), by(two)];
    return (
      sign * (typeof left === 'string' ? left.localeCompare(String(right)) : left - Number(right))
    );
  });
}

function Head<Row>(props: {
  readonly column: ColumnSpec<Row>;
  readonly sort: string | undefined;
  readonly onSort: ((sort: string | undefined) => void) | undefined;
}) {
  const { column, sort, onSort } = props;
  const { t } = useConsole();
  const direction =
    sort === column.id ? 'ascending' : sort === `-${column.id}` ? 'descending' : undefined;
  const next =
    direction === undefined ? `-${column.id}` : direction === 'descending' ? column.id : undefined;
  const Arrow = direction === 'ascending' ? ArrowUp : ArrowDown;
  return (
    <th
      scope="col"
      className={column.end ? 'number' : undefined}
      style={column.width === undefined ? undefined : { inlineSize: column.width }}
      aria-sort={direction}
    >
      {column.by && onSort ? (
        <button type="button" className="sort" onClick={() => onSort(next)} title={t('table.sort')}>
          {column.title}
          {direction && <Arrow aria-hidden size={12} className="icon" />}
        </button>
      ) : (
        column.title
      )}
    </th>
  );
}

function BodyRow<Row>(props: {
  readonly row: Row;
  readonly first: boolean;
  readonly table: TableProps<Row>;
}) {
  const { row, table } = props;
  const key = table.rowKey(row);
  const open = table.onOpen;
  const pick = (event: MouseEvent): void => {
    if (!(event.target as Element).closest('a, button, input')) open?.(row);
  };
  return (
    <tr
      data-row={key}
      tabIndex={open ? (props.first ? 0 : -1) : undefined}
      className={open ? 'opens' : undefined}
      aria-current={key === table.selected || undefined}
      onClick={open && pick}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && event.target === event.currentTarget) open?.(row);
      }}
    >
      {table.columns.map((column) => (
        <td key={column.id} className={column.end ? 'number' : undefined}>
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}

/** Arrow keys within the rows; `j` and `k` come from the page's key map. */
function walkRows(event: KeyboardEvent<HTMLElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0 || !(event.target as Element).matches('[data-row]')) return;
  event.preventDefault();
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row]')];
  rows[rows.indexOf(event.target as HTMLElement) + step]?.focus();
}
