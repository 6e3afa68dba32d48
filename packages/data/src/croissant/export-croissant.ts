import type { StoredType } from '../column.ts';
import { columnType } from '../contract.ts';
import { BadContract } from '../data-error.ts';
import type { Manifest } from '../snapshots/manifest.ts';

export interface CroissantExport {
  /** Where the files can be fetched, without the digest at the end. */
  readonly contentUrl: string;
  readonly license: string;
  readonly creator: string;
  /** When the snapshot was published, ISO 8601. */
  readonly datePublished: string;
}

const types: Readonly<Record<StoredType, string>> = {
  ...{ text: 'sc:Text', int: 'sc:Integer', int64: 'sc:Integer', float: 'sc:Float' },
  ...{ decimal: 'sc:Float', bool: 'sc:Boolean', date: 'sc:Date', timestamp: 'sc:DateTime' },
  ...{ texts: 'sc:Text', numbers: 'sc:Float' },
};

/**
 * A snapshot described in Croissant 1.1, as JSON-LD: its files with their digests, and one record set
 * with its columns. Personal columns and pseudonyms are not described.
 */
export function exportCroissant(
  { contract, files }: Manifest,
  given: CroissantExport,
): Readonly<Record<string, unknown>> {
  const { table } = contract;
  const open = contract.columns.filter(
    ({ sensitivity }) => sensitivity === 'public' || sensitivity === 'internal',
  );
  if (open.length === 0) throw new BadContract(`table/${table}`, 'all its columns are personal');
  const ids = files.map((_, at) => ({ '@id': `part-${at}` }));
  return {
    '@context': context,
    '@type': 'sc:Dataset',
    name: table,
    description: contract.description ?? `The table ${table}.`,
    conformsTo: 'http://mlcommons.org/croissant/1.1',
    license: given.license,
    creator: { '@type': 'sc:Organization', name: given.creator },
    datePublished: given.datePublished,
    version: '1.0.0',
    url: given.contentUrl,
    distribution: files.map(({ digest, bytes }, at) => ({
      ...{ '@type': 'cr:FileObject', ...ids[at], name: `part-${at}.parquet` },
      contentUrl: `${given.contentUrl.replace(/\/$/, '')}/${digest.slice('sha256:'.length)}`,
      contentSize: `${bytes} B`,
      encodingFormat: 'application/vnd.apache.parquet',
      sha256: digest.slice('sha256:'.length),
    })),
    recordSet: ids.map((source, at) => ({
      ...{ '@type': 'cr:RecordSet', '@id': `${table}-${at}`, name: `${table}-${at}` },
      field: open.map((column) => {
        const type = columnType(column);
        return {
          ...{ '@type': 'cr:Field', '@id': `${table}-${at}/${column.name}`, name: column.name },
          description: column.description ?? column.name,
          dataType: types[type],
          ...((type === 'texts' || type === 'numbers') && { isArray: true, arrayShape: '-1' }),
          source: { fileObject: source, extract: { column: column.name } },
        };
      }),
    })),
  };
}

/** The terms of the format, as its specification gives them. */
const context = {
  ...{ '@language': 'en', '@vocab': 'https://schema.org/', sc: 'https://schema.org/' },
  ...{ cr: 'http://mlcommons.org/croissant/', rai: 'http://mlcommons.org/croissant/RAI/' },
  ...{ dct: 'http://purl.org/dc/terms/', conformsTo: 'dct:conformsTo', column: 'cr:column' },
  ...{ data: { '@id': 'cr:data', '@type': '@json' }, citeAs: 'cr:citeAs', extract: 'cr:extract' },
  dataType: { '@id': 'cr:dataType', '@type': '@vocab' },
  ...{ field: 'cr:field', fileObject: 'cr:fileObject', fileSet: 'cr:fileSet', format: 'cr:format' },
  ...{ recordSet: 'cr:recordSet', source: 'cr:source', isArray: 'cr:isArray' },
  arrayShape: 'cr:arrayShape',
  examples: { '@id': 'cr:examples', '@type': '@json' },
  includes: 'cr:includes',
  samplingRate: 'cr:samplingRate',
  separator: 'cr:separator',
  parentField: 'cr:parentField',
  fileProperty: 'cr:fileProperty',
  references: 'cr:references',
  regex: 'cr:regex',
  md5: 'cr:md5',
  isLiveDataset: 'cr:isLiveDataset',
  transform: 'cr:transform',
  path: 'cr:path',
  repeated: 'cr:repeated',
  equivalentProperty: 'cr:equivalentProperty',
  jsonPath: 'cr:jsonPath',
  subField: 'cr:subField',
  key: 'cr:key',
  replace: 'cr:replace',
} as const;
