import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { text } from '../column.ts';
import { contractData, table } from '../contract.ts';
import { defaultDeliveryLimits } from '../deliveries/limits.ts';
import type { RowRule } from '../deliveries/rules.ts';
import { SourceRefused } from '../deliveries/source-refused.ts';
import { CsvReader } from './csv-reader.ts';
import { FieldText } from './field-text.ts';
import { JsonLinesReader } from './json-lines-reader.ts';
import { fieldForms, type RowFields, type RowReader, type RowSink } from './row-fields.ts';

const contract = contractData(
  table(
    't',
    { a: text().optional(), b: text().optional(), c: text().optional() },
    { purposes: ['debug'] },
  ),
);

type Found = readonly (string | null)[] | RowRule;

/** Keeps what a reader finds: a row's texts, or the rule that it broke. */
class KeepingSink implements RowSink {
  readonly found: Found[] = [];
  readonly #text = new FieldText();

  row(fields: RowFields): void {
    const texts: (string | null)[] = [];
    for (let column = 0; column < fields.forms.length; column++) {
      const absent = fields.forms[column] === fieldForms.absent;
      const rule = absent ? undefined : this.#text.read(fields, column);
      if (rule) {
        this.found.push(rule);
        return;
      }
      texts.push(absent ? null : this.#text.text);
    }
    this.found.push(texts);
  }

  badRow(rule: RowRule): void {
    this.found.push(rule);
  }
}

/** Reads bytes handed over in pieces that end at the places given. */
function read(
  Reader: new (...args: ConstructorParameters<typeof CsvReader>) => RowReader,
  bytes: Uint8Array,
  cuts: readonly number[] = [],
  limits = defaultDeliveryLimits,
): readonly Found[] {
  const sink = new KeepingSink();
  // Pieces are read as they come, however small.
  const reader = new Reader(contract, limits, sink, 1);
  let from = 0;
  for (const cut of [...cuts].map((place) => place % (bytes.length + 1)).sort((a, b) => a - b)) {
    reader.push(bytes.subarray(from, cut));
    from = cut;
  }
  reader.push(bytes.subarray(from));
  reader.end();
  return sink.found;
}

const cell = fc.option(
  fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }).filter((value) => value.isWellFormed()),
    fc.constantFrom(
      '',
      '"',
      '""',
      ',',
      '\n',
      '\r',
      '\r\n',
      ' a ',
      '{}',
      '\\',
      '\\n',
      'é',
      '\u{1f600}',
      '\0',
      '-0',
      'null',
    ),
  ),
  { nil: null },
);
const rows = fc.array(fc.tuple(cell, cell, cell), { maxLength: 30 });
const cuts = fc.array(fc.nat(4000), { maxLength: 6 });

function csv(table: readonly (readonly (string | null)[])[], lineEnd: string): Buffer {
  const field = (value: string | null): string =>
    value === null
      ? ''
      : value === '' || /[",\r\n]/.test(value)
        ? `"${value.replaceAll('"', '""')}"`
        : value;
  return Buffer.from(
    ['a,b,c', ...table.map((row) => row.map(field).join(','))].join(lineEnd) + lineEnd,
  );
}

test('CSV comes back as it was written, wherever it is cut', () => {
  fc.assert(
    fc.property(rows, fc.constantFrom('\n', '\r\n'), cuts, (table, lineEnd, places) => {
      assert.deepEqual(read(CsvReader, csv(table, lineEnd), places), table);
    }),
    { numRuns: 500 },
  );
});

test('JSON Lines come back as they were written, wherever they are cut', () => {
  fc.assert(
    fc.property(rows, cuts, fc.boolean(), (table, places, escaped) => {
      const lines = table.map(([a, b, c]) => {
        const line = JSON.stringify({ c, a, b });
        return escaped
          ? line.replace(
              /[^ -~]/g,
              (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
            )
          : line;
      });
      assert.deepEqual(read(JsonLinesReader, Buffer.from(lines.join('\n')), places), table);
    }),
    { numRuns: 500 },
  );
});

test('any bytes are rows, broken rules or a refusal, the same wherever they are cut', () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc
      .constantFrom(
        'a,b,c\n',
        '"',
        ',',
        '\n',
        '\r\n',
        '{',
        '}',
        '[',
        ']',
        ':',
        '{"a":',
        '"a"',
        '1e999',
        '\\u',
        'null',
        '\ufeff',
        '\0',
      )
      .map((part) => new Uint8Array(Buffer.from(part))),
  );
  const bytes = fc.array(piece, { maxLength: 40 }).map((parts) => Buffer.concat(parts));
  const outcome = (
    Reader: typeof CsvReader | typeof JsonLinesReader,
    input: Buffer,
    places: readonly number[],
  ) => {
    const limits = { ...defaultDeliveryLimits, maxRowBytes: 64 };
    try {
      return read(Reader, input, places, limits);
    } catch (error) {
      if (error instanceof SourceRefused) return error.rule;
      throw error;
    }
  };
  for (const Reader of [CsvReader, JsonLinesReader]) {
    fc.assert(
      fc.property(bytes, cuts, (input, places) => {
        const start = Reader === CsvReader ? Buffer.concat([Buffer.from('a,b,c\n'), input]) : input;
        assert.deepEqual(outcome(Reader, start, places), outcome(Reader, start, []));
      }),
      { numRuns: 1000 },
    );
  }
});

const csvCases: readonly (readonly [rows: string, found: readonly Found[]])[] = [
  ['1,2\n', ['wrong-column-count']],
  ['1,2,3,4\n', ['wrong-column-count']],
  ['\n', ['wrong-column-count']],
  ['a"b,2,3\n', ['stray-quote']],
  ['"a"b,2,3\n1,2,3', ['stray-quote', ['1', '2', '3']]],
  ['"a""b",2,3', [['a"b', '2', '3']]],
  ['"1",2,"3"\r\n', [['1', '2', '3']]],
  ['1,2,\r\n', [['1', '2', null]]],
  ['1,2,""', [['1', '2', '']]],
  ['"a\nb",2,3\n', [['a\nb', '2', '3']]],
  [`${'x'.repeat(70)},2,3\n1,2,3\n`, ['row-too-long', ['1', '2', '3']]],
  [`"${'x\n'.repeat(70)}""",2,3\n1,2,3\n`, ['row-too-long', ['1', '2', '3']]],
];

test('CSV rows that are not as RFC 4180 says are told apart, and the next row is read', () => {
  for (const [input, found] of csvCases) {
    for (const cut of [[], [8], [12], [30], [80]]) {
      const limits = { ...defaultDeliveryLimits, maxRowBytes: 64 };
      assert.deepEqual(read(CsvReader, Buffer.from(`a,b,c\n${input}`), cut, limits), found, input);
    }
  }
});

const jsonCases: readonly (readonly [line: string, found: readonly Found[]])[] = [
  ['', []],
  ['   ', []],
  ['{}', [[null, null, null]]],
  [' { "a" : "x" } ', [['x', null, null]]],
  ['{"\\u0061":"x"}', [['x', null, null]]],
  ['{"a":"\\ud83d\\ude00"}', [['\u{1f600}', null, null]]],
  ['{"a":"\\ud83d"}', ['lone-surrogate']],
  ['{"a":"x","a":"y"}', ['duplicate-column']],
  ['{"__proto__":{"a":1}}', ['unknown-column']],
  ['{"constructor":1}', ['unknown-column']],
  ['{"d":1}', ['unknown-column']],
  ['[1]', ['not-json']],
  ['{"a":1}x', ['not-json']],
  ['{"a":1,}', ['not-json']],
  ['{"a" 1}', ['not-json']],
  ['{a:1}', ['not-json']],
  ["{'a':1}", ['not-json']],
  ['{"a":01}', ['not-json']],
  ['{"a":+1}', ['not-json']],
  ['{"a":.5}', ['not-json']],
  ['{"a":1.}', ['not-json']],
  ['{"a":NaN}', ['not-json']],
  ['{"a":"\\x"}', ['not-json']],
  ['{"a":"\t"}', ['not-json']],
  ['{"a":tru}', ['not-json']],
  ['{"a":[1,]}', ['not-json']],
  ['{"a":{"b":1,"b":}}', ['not-json']],
  [`{"a":${'['.repeat(100_000)}`, ['too-deep']],
  [`{"a":${'{"x":'.repeat(100_000)}`, ['too-deep']],
  [`{"a":"${'x'.repeat(2_000_000)}"}`, ['row-too-long']],
];

test('JSON lines that are not one flat object with the columns are told apart', () => {
  for (const [line, found] of jsonCases) {
    const limits = { ...defaultDeliveryLimits, maxRowBytes: 1_000_000 };
    const next = '\n{"a":"next"}\n';
    assert.deepEqual(
      read(JsonLinesReader, Buffer.from(line + next), [], limits),
      [...found, ['next', null, null]],
      line.slice(0, 60),
    );
  }
});

test('bytes that are not UTF-8 break a rule and are never replaced', () => {
  for (const bad of [
    [0xff],
    [0xc0, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf5, 0x80, 0x80, 0x80],
    [0xe2, 0x82],
  ]) {
    const bytes = Buffer.from([...bad]);
    assert.deepEqual(
      read(CsvReader, Buffer.concat([Buffer.from('a,b,c\n'), bytes, Buffer.from(',,\n')])),
      ['not-utf8'],
    );
    assert.deepEqual(
      read(JsonLinesReader, Buffer.concat([Buffer.from('{"a":"'), bytes, Buffer.from('"}')])),
      ['not-utf8'],
    );
  }
  assert.deepEqual(read(CsvReader, Buffer.from('\ufeffa,b,c\n1,2,3')), [['1', '2', '3']]);
});
