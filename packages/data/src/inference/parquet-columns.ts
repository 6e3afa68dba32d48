import { type ColumnData, type ColumnKind, decimal, int64, key, kindFacts } from '../column.ts';
import type { NamedColumn } from '../contract.ts';
import { SourceRefused } from '../deliveries/source-refused.ts';
import { type DuckDbSession, quoteText } from '../duckdb/session.ts';
import { checkFrame } from '../sources/parquet-source.ts';
import type { SourceContext } from '../sources/source-bytes.ts';
import { ColumnGuess, isIdentifier } from './column-guess.ts';

/** A column of a Parquet file: as what it is read, and what it may be. */
interface ParquetColumn {
  readonly draft: NamedColumn;
  readonly kinds: readonly ColumnData[];
}

/** The columns of a Parquet file, whose frame is checked before the engine sees it. */
export async function parquetColumns(
  session: DuckDbSession,
  path: string,
  bytes: number,
  context: Pick<SourceContext, 'io' | 'limits'>,
): Promise<readonly ParquetColumn[]> {
  await checkFrame(path, bytes, context);
  const file = `read_parquet(${quoteText(path)}, hive_partitioning = false)`;
  const described = await session.run('read Parquet', `DESCRIBE SELECT * FROM ${file}`);
  return (await described.getRows()).map(([name, type], index) => {
    const kinds = kindsOf(String(name), String(type));
    if (kinds.length === 0) {
      throw new SourceRefused(
        'wrong-type',
        `column ${index + 1} of the file has a type that no contract takes`,
      );
    }
    return { draft: { ...kinds.at(-1)!, optional: true, name: String(name) }, kinds };
  });
}

/** The kinds that take a type of the engine; the last takes every value of it. */
function kindsOf(name: string, type: string): readonly ColumnData[] {
  if (type === 'VARCHAR') {
    return isIdentifier(name)
      ? [key().data, ColumnGuess.anyText]
      : [plain('text'), ColumnGuess.anyText];
  }
  if (/^U?(?:TINY|SMALL)?INT(?:EGER)?$|^BIGINT$/.test(type)) {
    return isIdentifier(name) ? [key().data] : [plain('int'), int64().data];
  }
  const [, width, scale] = /^DECIMAL\((\d+),(\d+)\)$/.exec(type) ?? [];
  if (scale !== undefined) {
    return Number(width) <= 18 && Number(scale) <= 9 ? [decimal(Number(scale)).data] : [];
  }
  if (type === 'VARCHAR[]') return [plain('texts')];
  if (/^(?:FLOAT|DOUBLE|U?(?:TINY|SMALL)?INT(?:EGER)?|BIGINT)\[\]$/.test(type)) {
    return [plain('numbers')];
  }
  if (/^TIMESTAMP(?:_S|_MS| WITH TIME ZONE)?$/.test(type)) return [plain('timestamp')];
  const simple: Readonly<Record<string, ColumnKind>> = {
    ...{ FLOAT: 'float', DOUBLE: 'float', BOOLEAN: 'bool', DATE: 'date' },
  };
  return Object.hasOwn(simple, type) ? [plain(simple[type]!)] : [];
}

function plain(kind: ColumnKind): ColumnData {
  const { sensitivity, defaults } = kindFacts(kind);
  return { kind, optional: false, sensitivity, ...defaults };
}
