import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** One field of a Protocol Buffers message: its number, and how its values are written and read. */
interface Field<T> {
  readonly number: number;
  /** Writes the tag and the value. */
  write(writer: BinaryWriter, value: T): void;
  /** Reads one occurrence; repeated fields add it to what came before. */
  read(reader: BinaryReader, before: T | undefined): T;
}

/** A message type: what its fields hold follows from its table. Absent fields are undefined. */
export interface Message<T> {
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}

type Values<F extends Readonly<Record<string, Field<unknown>>>> = {
  readonly [K in keyof F]?: (F[K] extends Field<infer T> ? T : never) | undefined;
};

/**
 * A message from the table of its fields. What a peer sends beyond the table is skipped, as the
 * format asks; a field of another wire type than the table's is an error.
 *
 * @example
 * const keyValue = message({ key: text(1), value: text(2) });
 * keyValue.decode(keyValue.encode({ key: 'a' })); // { key: 'a' }
 */
export function message<F extends Readonly<Record<string, Field<unknown>>>>(
  fields: F,
): Message<Values<F>> {
  const entries = Object.entries<Field<unknown>>(fields);
  const byNumber = new Map(entries.map(([name, field]) => [field.number, { name, field }]));
  return {
    encode(value) {
      const writer = new BinaryWriter();
      for (const [name, field] of entries) {
        const held = value[name];
        if (held !== undefined) field.write(writer, held);
      }
      return writer.finish();
    },
    decode(bytes) {
      const reader = new BinaryReader(bytes);
      const found: Record<string, unknown> = {};
      while (reader.pos < reader.len) {
        const [number, wire] = reader.tag();
        const known = byNumber.get(number);
        if (known) found[known.name] = known.field.read(reader, found[known.name]);
        else reader.skip(wire, number);
      }
      return found as Values<F>;
    },
  };
}

function scalar<T>(
  number: number,
  wire: WireType,
  write: (writer: BinaryWriter, value: T) => void,
  read: (reader: BinaryReader) => T,
): Field<T> {
  return {
    number,
    write: (writer, value) => write(writer.tag(number, wire), value),
    read,
  };
}

const { Varint, Bit64, LengthDelimited } = WireType;

export function text(number: number): Field<string> {
  return scalar<string>(
    number,
    LengthDelimited,
    (writer, value) => writer.string(value),
    (reader) => reader.string(),
  );
}

export function bytes(number: number): Field<Uint8Array> {
  return scalar<Uint8Array>(
    number,
    LengthDelimited,
    (writer, value) => writer.bytes(value),
    (reader) => reader.bytes(),
  );
}

export function bool(number: number): Field<boolean> {
  return scalar<boolean>(
    number,
    Varint,
    (writer, value) => writer.bool(value),
    (reader) => reader.bool(),
  );
}

/** A signed whole number of 32 bits; enumerations too. */
export function int32(number: number): Field<number> {
  return scalar<number>(
    number,
    Varint,
    (writer, value) => writer.int32(value),
    (reader) => reader.int32(),
  );
}

/** A signed whole number of 64 bits. */
export function int64(number: number): Field<bigint> {
  return scalar<bigint>(
    number,
    Varint,
    (writer, value) => writer.int64(value),
    (reader) => BigInt(reader.int64()),
  );
}

export function double(number: number): Field<number> {
  return scalar<number>(
    number,
    Bit64,
    (writer, value) => writer.double(value),
    (reader) => reader.double(),
  );
}

/** A message in a message. A message that holds itself is given as a function. */
export function nested<T>(number: number, type: Message<T> | (() => Message<T>)): Field<T> {
  const resolve = (): Message<T> => (typeof type === 'function' ? type() : type);
  return scalar<T>(
    number,
    LengthDelimited,
    (writer, value) => writer.bytes(resolve().encode(value)),
    (reader) => resolve().decode(reader.bytes()),
  );
}

/** A field that occurs any number of times; for texts and messages, which are never packed. */
export function repeated<T>(item: Field<T>): Field<readonly T[]> {
  return {
    number: item.number,
    write: (writer, values) => {
      for (const value of values) item.write(writer, value);
    },
    read: (reader, before) => {
      const list = (before ?? []) as T[];
      list.push(item.read(reader, undefined));
      return list;
    },
  };
}

/** A map from texts: on the wire, repeated messages of a key and a value. */
export function mapOf<T>(
  number: number,
  value: (number: number) => Field<T>,
): Field<Readonly<Record<string, T>>> {
  const entry = nested(number, message({ key: text(1), value: value(2) }));
  return {
    number,
    write: (writer, values) => {
      for (const [key, held] of Object.entries(values)) entry.write(writer, { key, value: held });
    },
    read: (reader, before) => {
      const { key = '', value: held } = entry.read(reader, undefined);
      const values = (before ?? Object.create(null)) as Record<string, T>;
      // A missing value stands for the type's zero, which of all our maps only texts can meet.
      values[key] = (held ?? '') as T;
      return values;
    },
  };
}
