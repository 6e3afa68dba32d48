import { type ContractData, columnType } from '../contract.ts';
import type { DuckDbSession } from '../duckdb/session.ts';
import type { ReceiptWarning } from './receipt.ts';

/** Each sign of a person in a text: a cheap test first, then RE2, which is linear in the text. */
const signs = [
  {
    looksLike: 'e-mail address',
    holds: '@',
    pattern: '[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\\.[A-Za-z]{2,}',
  },
  { looksLike: 'phone number', holds: '+', pattern: '\\+[0-9][0-9 ().-]{7,}[0-9]' },
] as const;

/**
 * Counts staged rows whose texts look like a person's address or number in columns that are not
 * said to be personal. It finds the obvious only: it warns, and proves nothing by silence.
 */
export async function findWarnings(
  session: DuckDbSession,
  contract: ContractData,
): Promise<readonly ReceiptWarning[]> {
  const tests = contract.columns.flatMap((column, index) => {
    const free = columnType(column) === 'text' && !column.values;
    if (!free || column.sensitivity === 'personal' || column.sensitivity === 'pseudonym') return [];
    return signs.map((sign) => ({
      column: column.name,
      looksLike: sign.looksLike,
      sql: `count(*) FILTER (WHERE ${signTest(`c${index}`, sign)})`,
    }));
  });
  if (tests.length === 0) return [];
  const result = await session.run(
    'look for personal data',
    `SELECT ${tests.map(({ sql }) => sql).join(', ')} FROM staged`,
  );
  const counts = (await result.getRows())[0] ?? [];
  return tests
    .map(({ column, looksLike }, index) => ({ column, looksLike, rows: Number(counts[index]) }))
    .filter(({ rows }) => rows > 0);
}

function signTest(column: string, sign: (typeof signs)[number]): string {
  return `contains(${column}, '${sign.holds}') AND regexp_matches(${column}, '${sign.pattern}')`;
}
