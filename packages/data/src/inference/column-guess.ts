import {
  bool,
  type ColumnData,
  date,
  float,
  int,
  int64,
  key,
  numbers,
  oneOf,
  text,
  texts,
  timestamp,
} from '../column.ts';
import type { NamedColumn } from '../contract.ts';
import type { RowRule } from '../deliveries/rules.ts';
import { type StageValue, type ValueReader, valueReader } from '../deliveries/value-reader.ts';
import type { RowFields } from '../sources/row-fields.ts';

/** The most values of a `oneOf`, and how often each is met on average. */
const fewValues = 12;
const timesEach = 10;

interface Candidate {
  readonly data: ColumnData;
  readonly reader: ValueReader;
}

/** What a column may be, as its values are shown one after the other: the first kind that takes all. */
export class ColumnGuess {
  /** The longest text that any contract can allow. */
  static readonly anyText: ColumnData = text().maxLength(1_000_000).optional().data;

  /** What a text may stand for, the narrowest first. */
  static readonly kindsOfText: readonly ColumnData[] = [
    ...[bool(), int(), int64(), float(), date(), timestamp(), numbers(), texts()],
    ...[key(), text(), text().maxLength(1_000_000)],
  ].map(({ data }) => data);

  readonly name: string;
  #alive: readonly Candidate[];
  #values = 0;
  #missing = 0;
  #untaken = 0;
  #addresses = 0;
  #zoneless = 0;
  #low: bigint | undefined;
  #high: bigint | undefined;
  /** Different texts, while they are few. */
  #texts: Set<string> | undefined = new Set();

  constructor(name: string, kinds: readonly ColumnData[]) {
    const identifier = isIdentifier(name);
    this.name = name;
    // A number that names something is no quantity, and a text is an identifier only by its name.
    const fitting = kinds.filter(({ kind }) =>
      identifier ? !quantities.has(kind) : kind !== 'key',
    );
    // A Parquet file may say that an identifier is a fraction: then it is one.
    this.#alive = (fitting.length > 0 ? fitting : kinds).map((data) => ({
      data,
      reader: valueReader({ ...data, name }),
    }));
  }

  /** Whether the column may name the person that a row is about. */
  get mayBePerson(): boolean {
    const { kind } = this.column();
    return personal.test(this.name) && (kind === 'key' || kind === 'text');
  }

  miss(): void {
    this.#missing++;
  }

  read(fields: RowFields, column: number): void {
    const start = fields.starts[column]!;
    const [first, second] = [fields.bytes[start], fields.bytes[start + 1]];
    // 007 is a number to a float and a name to people, which lose its zeros otherwise.
    const digit = second !== undefined && second >= 48 && second <= 57;
    const named = first === 48 && digit && fields.ends[column]! - start > 1;
    this.#try(({ data, reader }) =>
      named && data.kind === 'float' ? 'not-a-number' : reader.read(fields, column),
    );
  }

  /** A value of a Parquet file, as deliveries are given it. */
  take(value: StageValue): void {
    if (value === null) this.miss();
    else this.#try(({ reader }) => reader.take(value));
  }

  #try(ruleOf: (candidate: Candidate) => RowRule | undefined): void {
    this.#values++;
    const taking = this.#alive.filter((candidate) => ruleOf(candidate) === undefined);
    if (taking.length === 0) this.#untaken++;
    else {
      this.#alive = taking;
      // The texts differ by their bounds alone: one of them tells.
      const kinds = new Map(taking.map((one) => [one.data.kind, one]));
      for (const { data, reader } of kinds.values()) this.#note(data, reader.value);
    }
  }

  #note({ kind }: ColumnData, value: StageValue): void {
    if (kind === 'int' && typeof value === 'bigint') {
      if (this.#low === undefined || value < this.#low) this.#low = value;
      if (this.#high === undefined || value > this.#high) this.#high = value;
    }
    if (kind !== 'text' || typeof value !== 'string') return;
    if (/[^@\s]@[^@\s]+\.[a-z]{2}/i.test(value)) this.#addresses++;
    if (/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?$/.test(value)) this.#zoneless++;
    this.#texts?.add(value);
    if (this.#texts && this.#texts.size > fewValues) this.#texts = undefined;
  }

  /** The column that takes all that was shown. */
  column(): NamedColumn {
    const empty = this.#values === 0;
    const data = empty
      ? (this.#alive.find(({ data }) => data.kind === 'text') ?? this.#alive[0]!).data
      : this.#alive[0]!.data;
    const chosen =
      data.kind === 'text' && this.#isFew() ? oneOf([...this.#texts!].toSorted()).data : data;
    return { ...chosen, optional: this.#missing > 0 || empty, name: this.name };
  }

  #isFew(): boolean {
    const few = this.#texts?.size ?? 0;
    return few > 1 && this.#values >= few * timesEach && !this.#texts!.has('');
  }

  /** What a person should look at before the column is relied on. */
  doubts(): readonly string[] {
    const { kind, values } = this.column();
    const { name } = this;
    if (this.#values === 0) return [`${name}: no row has a value, so its type is not known`];
    return [
      ...(this.#untaken > 0
        ? [`${name}: ${this.#untaken} values are taken by no type that takes the others`]
        : []),
      ...(this.#addresses > 0
        ? [`${name}: some values look like e-mail addresses; consider .sensitive('personal')`]
        : []),
      ...(this.#zoneless === this.#values
        ? [`${name}: times without a zone; write them with one (Z is UTC) to get timestamp()`]
        : []),
      ...(kind === 'oneOf'
        ? [`${name}: ${values!.length} texts were seen; another one would go to quarantine`]
        : []),
      ...(kind === 'int' && this.#isEpoch()
        ? [`${name}: may be a time; then it is timestamp({ epoch }) with its unit s, ms or us`]
        : []),
    ];
  }

  /** Whether all numbers lie between 2001 and 2096, in seconds or thousandths or less. */
  #isEpoch(): boolean {
    if (!/(?:at|time|date|timestamp|_ts)$/i.test(this.name)) return false;
    const [low, high] = [this.#low ?? 0n, this.#high ?? 0n];
    return [1n, 1_000n, 1_000_000n].some(
      (unit) => low >= 1_000_000_000n * unit && high <= 4_000_000_000n * unit,
    );
  }
}

const quantities: ReadonlySet<string> = new Set(['int', 'int64', 'float']);
const personal =
  /account|user|customer|person|member|subscriber|listener|viewer|profile|patient|client|e_?mail/i;

/** Whether a name says that the values name something. */
export function isIdentifier(name: string): boolean {
  return /(?:^id|Id|_id|ID|Key|_key|uuid)$/.test(name) || /^(?:account|user|customer)$/i.test(name);
}
