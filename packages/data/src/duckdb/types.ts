import type { ValueType } from '../column.ts';
import type { FieldData } from '../relations/nodes.ts';

/** How every Parquet file is written: fixed, so that the bytes follow from the rows. */
export const parquetOptions =
  '(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3, ROW_GROUP_SIZE 122880)';

/** The DuckDB (and Parquet) type of each of ours; all of them Spark reads as the same. */
export function duckDbType(type: ValueType, scale = 0, members: FieldData['members'] = []): string {
  switch (type) {
    case 'text':
      return 'VARCHAR';
    case 'int':
    case 'int64':
      return 'BIGINT';
    case 'float':
      return 'DOUBLE';
    case 'decimal':
      return `DECIMAL(18,${scale})`;
    case 'bool':
      return 'BOOLEAN';
    case 'date':
      return 'DATE';
    case 'timestamp':
      return 'TIMESTAMP WITH TIME ZONE';
    case 'texts':
      return 'VARCHAR[]';
    case 'numbers':
      return 'DOUBLE[]';
    case 'ints':
      return 'BIGINT[]';
    case 'struct':
      return `STRUCT(${members
        .map(
          (member) => `"${member.name}" ${duckDbType(member.type, member.scale, member.members)}`,
        )
        .join(', ')})`;
  }
}
