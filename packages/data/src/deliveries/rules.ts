/** Every rule a row can break, and what mends it. The names are stable: receipts carry them. */
export const rowRules = {
  missing: 'give a value, or make the column optional in the contract',
  'wrong-type': 'give a value of the type in the contract',
  'not-an-integer':
    'write a whole number in plain digits, without leading zeros, point or exponent',
  'not-a-number': 'write a decimal number with a point, such as 12.5',
  'not-finite': 'leave the value out where there is no finite number',
  'too-many-decimals': 'round to the decimals that the contract gives',
  'not-a-boolean': 'write true or false',
  'not-a-date': 'write a day as YYYY-MM-DD',
  'not-a-timestamp': 'write a moment as 2026-03-01T12:30:00Z, with its zone',
  'below-min': 'give a value at or above the least one in the contract',
  'above-max': 'give a value at or below the greatest one in the contract',
  'too-long': 'shorten the text to the length in the contract',
  'too-many-items': 'shorten the list to the length in the contract',
  'not-in-list': 'use one of the values that the contract lists',
  'not-utf8': 'encode the file as UTF-8',
  'lone-surrogate': 'write characters beyond the basic plane as a whole pair',
  'nul-character': 'remove the NUL characters',
  'hidden-character': 'remove control, direction and zero-width characters from identifiers',
  'not-normalised': 'write identifiers in Unicode normal form C',
  'not-json': 'write one JSON object on each line',
  'too-deep': 'flatten the value',
  'duplicate-column': 'name each column once in a row',
  'unknown-column': 'remove the column, or add it to the contract',
  'wrong-column-count': 'give every row as many fields as the header',
  'stray-quote': 'put the field in quotes and double the quotes inside it',
  'row-too-long': 'split the row or shorten its texts',
  'erased-subject': 'leave out the rows of people who were erased',
  'duplicate-key': 'deliver each primary key once',
  late: 'deliver rows within the days that the contract allows, or let it accept late ones',
} as const;

export type RowRule = keyof typeof rowRules;

/** What can be wrong with a source as a whole, and what mends it. */
export const sourceRules = {
  empty: 'deliver a file with rows',
  'no-header': 'put the column names into the first row',
  'header-too-long': 'deliver only the columns of the contract',
  'too-many-columns': 'deliver only the columns of the contract',
  'missing-column': 'add the column to the file',
  'unknown-column': 'remove the column, or add it to the contract',
  'renamed-column': 'name the column exactly as in the contract, capitals included',
  'duplicate-column': 'name each column once',
  'wrong-type': 'write the column with the type of the contract',
  'not-utf8': 'encode the file as UTF-8',
  'unclosed-quote': 'close the quote, and double the quotes inside quoted fields',
  'too-large': 'split the file, or raise the limit',
  'too-many-rows': 'split the file, or raise the limit',
  'too-many-subjects': 'split the file, or raise the limit',
  'compression-ratio': 'deliver the file uncompressed',
  'bad-compression': 'compress the file again with gzip, and check the transfer',
  'bad-parquet': 'write the file again, and check the transfer',
  'too-many-bad-rows': 'mend the rows that the quarantine lists and deliver again',
} as const;

export type SourceRule = keyof typeof sourceRules;
