import { priceIn } from './price.ts';
import { accountId, itemId, type SimulatedStore } from './simulate-store.ts';
import { devices, type PurchaseBatch } from './simulated-events.ts';
import type { Simulation } from './simulation-options.ts';

/** The tables that a simulated store delivers. */
export type SimulatedTable = keyof typeof columns;

/** What to deliver, and how it is written. */
export interface SimulatedDelivery {
  readonly table: SimulatedTable;
  /** `csv` as RFC 4180 with a header and lists joined by `|`; `jsonl` as one object a line. */
  readonly format: 'csv' | 'jsonl';
  /** Events of the days from the first to before the last alone; all when absent. */
  readonly days?: { readonly from: number; readonly to: number };
}

type Cell = string | number | readonly string[];

const columns = {
  accounts: ['account', 'storefront', 'locale', 'activity'],
  items: [
    'item',
    'kind',
    'title',
    'locale',
    'genres',
    'releasedOn',
    'provider',
    'durationMs',
    'origin',
    'price',
    'currency',
    'storefronts',
  ],
  plays: ['account', 'item', 'playedAt', 'msPlayed', 'storefront', 'device'],
  purchases: ['account', 'item', 'purchasedAt', 'price', 'currency', 'storefront'],
} as const;

const chunkCharacters = 1 << 16;

/**
 * The text of a table in chunks, as a provider would deliver it. The same store, table and format
 * give the same bytes.
 */
export async function* simulatedDelivery(
  store: SimulatedStore,
  { table, format, days }: SimulatedDelivery,
): AsyncIterable<Uint8Array> {
  const encoder = new TextEncoder();
  const write = format === 'csv' ? csvLine : jsonLine(columns[table]);
  let text = format === 'csv' ? csvLine(columns[table]) : '';
  for (const row of rowsOf(store, table, days ?? { from: 0, to: store.simulation.days })) {
    text += write(row);
    if (text.length < chunkCharacters) continue;
    yield encoder.encode(text);
    text = '';
  }
  if (text !== '') yield encoder.encode(text);
}

function rowsOf(
  store: SimulatedStore,
  table: SimulatedTable,
  days: { readonly from: number; readonly to: number },
): Iterable<readonly Cell[]> {
  if (table === 'plays') return playRows(store, days);
  if (table === 'purchases') return purchaseRows(store, days);
  return table === 'accounts' ? accountRows(store) : itemRows(store);
}

function* accountRows(store: SimulatedStore): Iterable<readonly Cell[]> {
  for (const row of store.accounts()) yield columns.accounts.map((column) => row[column]);
}

function* itemRows(store: SimulatedStore): Iterable<readonly Cell[]> {
  for (const row of store.items()) yield columns.items.map((column) => row[column]);
}

function* playRows(
  { simulation, events }: SimulatedStore,
  { from, to }: { readonly from: number; readonly to: number },
): Iterable<readonly Cell[]> {
  for (const { day, plays } of events()) {
    if (day >= to) return;
    if (day < from) continue;
    for (let row = 0; row < plays.size; row++) {
      yield [
        accountId(plays.account[row]!),
        itemId(plays.item[row]!),
        new Date(plays.playedAt[row]!).toISOString(),
        plays.msPlayed[row]!,
        simulation.storefronts[plays.storefront[row]!]!.code,
        devices[plays.device[row]!]!,
      ];
    }
  }
}

function* purchaseRows(
  { simulation, events }: SimulatedStore,
  { from, to }: { readonly from: number; readonly to: number },
): Iterable<readonly Cell[]> {
  for (const { day, purchases } of events()) {
    if (day >= to) return;
    if (day < from) continue;
    for (let row = 0; row < purchases.size; row++) {
      yield purchaseRow(simulation, purchases, row);
    }
  }
}

function purchaseRow(
  { storefronts }: Simulation,
  purchases: PurchaseBatch,
  row: number,
): readonly Cell[] {
  const storefront = storefronts[purchases.storefront[row]!]!;
  const { amount, currency } = priceIn(purchases.level[row]!, storefront.currency);
  return [
    accountId(purchases.account[row]!),
    itemId(purchases.item[row]!),
    new Date(purchases.purchasedAt[row]!).toISOString(),
    amount,
    currency,
    storefront.code,
  ];
}

function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(cell: Cell): string {
  const text = typeof cell === 'object' ? cell.join('|') : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function jsonLine(names: readonly string[]): (cells: readonly Cell[]) => string {
  return (cells) =>
    `${JSON.stringify(Object.fromEntries(names.map((name, at) => [name, cells[at]])))}\n`;
}
