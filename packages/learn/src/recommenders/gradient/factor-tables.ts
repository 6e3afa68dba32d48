import type { KernelSession, RandomStream, Region } from '@backlot/compute';

/** Vectors of users and items side by side, padded with zeros to a multiple of 8. */
interface FactorTables {
  readonly factors: number;
  readonly columns: number;
  readonly users: Region;
  readonly items: Region;
}

/** Normal numbers of a deviation; a user's are those of its place, not of its index. */
export function startTables(
  session: KernelSession,
  factors: number,
  places: Int32Array,
  items: number,
  deviation: number,
  stream: RandomStream,
): FactorTables {
  const columns = 8 * Math.ceil(factors / 8);
  const tables = {
    ...{ factors, columns },
    users: session.allocate(places.length * columns * 4),
    items: session.allocate(items * columns * 4),
  };
  const drawn = new Float32Array(factors);
  const fill = (region: Region, rows: number, name: string, rowOf: (place: number) => number) => {
    const data = session.float32(region);
    const normals = stream.child(name);
    for (let place = 0; place < rows; place++) {
      normals.fillNormal(drawn);
      const at = rowOf(place) * columns;
      for (let k = 0; k < factors; k++) data[at + k] = drawn[k]! * deviation;
    }
  };
  const users = new Int32Array(places.length);
  places.forEach((place, user) => {
    users[place] = user;
  });
  fill(tables.users, places.length, 'users', (place) => users[place]!);
  fill(tables.items, items, 'items', (item) => item);
  return tables;
}

/** The rows without padding, each followed by the number that `rest` gives for it, where it is there. */
export function tableRows(
  padded: Float32Array,
  { factors, columns }: FactorTables,
  rest?: (row: number) => number,
): Float32Array<ArrayBuffer> {
  const rows = padded.length / columns;
  const width = factors + (rest ? 1 : 0);
  const kept = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    kept.set(padded.subarray(row * columns, row * columns + factors), row * width);
    if (rest) kept[row * width + factors] = rest(row);
  }
  return kept;
}
