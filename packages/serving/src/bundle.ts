import { type Digest, isDigest, type Json } from '@backlot/core';
import type { Interactions } from '@backlot/learn';
import { Catalogue, type CatalogueHeader, type ItemFacts, packCatalogue } from './catalogue.ts';
import { type Container, decodeContainer, encodeContainer } from './container.ts';
import { BundleRefused } from './error.ts';
import type { Tensor } from './tensor-bytes.ts';
import { checkOffsets, packTexts, unpackTexts } from './text-table.ts';

/** What a bundle is made from. Rows and columns of the model follow `users` and `items`. */
export interface BundleContent {
  /** The kind of the fitted model, as `@backlot/learn` names it; its reader refuses other ones. */
  readonly estimator: string;
  /** Hyper-parameters alone. */
  readonly specification: Json;
  /** The digests of what the model was computed from, by name. */
  readonly inputs: Readonly<Record<string, Digest>>;
  /** Pseudonyms, never raw accounts. */
  readonly users: readonly string[];
  readonly items: readonly string[];
  /** What each user has seen, with its weight in training. */
  readonly seen: Interactions;
  /** How often each item was chosen. */
  readonly popularity: Float32Array;
  /** Two capital letters each; empty when the data knows no storefronts. */
  readonly storefronts: readonly string[];
  /** How often each item was chosen in each storefront, a row for each. */
  readonly storefrontPopularity?: Interactions;
  /** One for each item. */
  readonly facts: readonly ItemFacts[];
  /** The fitted model as `@backlot/learn` encodes it. */
  readonly model: Uint8Array;
}

/** A bundle that was read and checked. */
export interface RecommenderBundle extends Omit<BundleContent, 'facts' | 'storefrontPopularity'> {
  readonly catalogue: Catalogue;
  readonly storefrontPopularity: Interactions;
  readonly userNumbers: ReadonlyMap<string, number>;
  readonly itemNumbers: ReadonlyMap<string, number>;
}

const kind = 'recommender';
const version = 1;
const pseudonym = /^[0-9a-f]{32,64}$/;

/**
 * The bytes that are served, and whose digest is the model's: the same content gives the same bytes.
 * What `decodeBundle` would refuse is refused here already.
 */
export function encodeBundle(content: BundleContent): Uint8Array<ArrayBuffer> {
  const storefronts = [...content.storefronts];
  const catalogue = packCatalogue(content.facts, storefronts);
  const users = packTexts(content.users);
  const items = packTexts(content.items);
  const local = content.storefrontPopularity ?? noRows(storefronts.length, content.items.length);
  const sections: Record<string, Tensor> = {
    ...{ model: content.model, userOffsets: users.offsets, userBytes: users.bytes },
    ...{ itemOffsets: items.offsets, itemBytes: items.bytes },
    ...packRows('seen', content.seen),
    ...packRows('local', local),
    popularity: content.popularity,
    ...catalogue.parts,
  };
  const { estimator, specification, inputs } = content;
  const counts = { users: content.users.length, items: content.items.length };
  const header = {
    kind,
    version,
    estimator,
    specification,
    inputs,
    ...counts,
    ...catalogue.header,
  };
  const bytes = encodeContainer({ header, sections: new Map(Object.entries(sections)) });
  decodeBundle(bytes);
  return bytes;
}

function noRows(users: number, items: number): Interactions {
  return { users, items, offsets: new Int32Array(users + 1), indices: new Int32Array() };
}

function packRows(
  name: string,
  { offsets, indices, weights = new Float32Array() }: Interactions,
): Readonly<Record<string, Tensor>> {
  return { [`${name}Offsets`]: offsets, [`${name}Indices`]: indices, [`${name}Weights`]: weights };
}

/** Reads a bundle, trusting none of it: `BundleRefused` names the part that is wrong. */
export function decodeBundle(bytes: Uint8Array): RecommenderBundle {
  const { header, sections } = decodeContainer(bytes);
  const facts = readHeader(header);
  const take = sectionReader(sections);
  const users = unpackTexts(
    'users',
    { offsets: take.u32('userOffsets'), bytes: take.u8('userBytes') },
    facts.users,
  );
  const items = unpackTexts(
    'items',
    { offsets: take.u32('itemOffsets'), bytes: take.u8('itemBytes') },
    facts.items,
  );
  const bundle: RecommenderBundle = {
    ...{ estimator: facts.estimator, specification: facts.specification, inputs: facts.inputs },
    ...{ users, items, storefronts: facts.catalogue.storefronts, model: take.u8('model') },
    userNumbers: numbersOf('users', users),
    itemNumbers: numbersOf('items', items),
    seen: readRows('seen', facts.users, facts.items, take),
    popularity: checkedCounts('popularity', take.f32('popularity'), facts.items),
    storefrontPopularity: readRows('local', facts.catalogue.storefronts.length, facts.items, take),
    catalogue: new Catalogue(facts.catalogue, facts.items, {
      ...{ titleOffsets: take.u32('titleOffsets'), titleBytes: take.u8('titleBytes') },
      ...{ kinds: take.u8('kinds'), genreOffsets: take.u32('genreOffsets') },
      ...{ genres: take.u16('genres'), available: take.u8('available') },
    }),
  };
  take.mustBeDone();
  if (users.some((user) => !pseudonym.test(user))) {
    throw new BundleRefused('users', 'holds a key that is not a pseudonym');
  }
  return bundle;
}

interface HeaderFacts {
  readonly estimator: string;
  readonly specification: Json;
  readonly inputs: Readonly<Record<string, Digest>>;
  readonly users: number;
  readonly items: number;
  readonly catalogue: CatalogueHeader;
}

const maxRows = 2 ** 28;

function readHeader(header: Container['header']): HeaderFacts {
  const { estimator, specification, inputs, users, items, ...rest } = header;
  const { kind: foundKind, version: foundVersion, ...catalogue } = rest;
  if (foundKind !== kind || foundVersion !== version) {
    throw new BundleRefused('the header', `is not a ${kind} of version ${version}`);
  }
  if (typeof estimator !== 'string' || !/^[a-z][A-Za-z0-9-]{0,39}$/.test(estimator)) {
    throw new BundleRefused('the header', 'names no estimator');
  }
  for (const count of [users, items]) {
    if (!Number.isInteger(count) || (count as number) < 0 || (count as number) > maxRows) {
      throw new BundleRefused('the header', 'counts users or items out of range');
    }
  }
  if (!isPlainRecord(inputs) || !Object.values(inputs).every(isDigest)) {
    throw new BundleRefused('the header', 'names inputs by other than digests');
  }
  return {
    estimator,
    specification: specification ?? null,
    inputs: inputs as unknown as Readonly<Record<string, Digest>>,
    ...{ users: users as number, items: items as number },
    catalogue: readCatalogueHeader(catalogue),
  };
}

const lists = ['storefronts', 'locales', 'mediaKinds', 'genres'] as const;

function readCatalogueHeader(header: Container['header']): CatalogueHeader {
  if (Object.keys(header).length !== lists.length) {
    throw new BundleRefused('the header', 'has members that are not known');
  }
  for (const name of lists) {
    const list = header[name];
    const texts = Array.isArray(list) && list.every((one) => typeof one === 'string');
    if (!texts || new Set(list).size !== list.length) {
      throw new BundleRefused(`the header's ${name}`, 'is not a list of texts without repeats');
    }
  }
  const catalogue = header as unknown as CatalogueHeader;
  if (!catalogue.storefronts.every((code) => /^[A-Z]{2}$/.test(code))) {
    throw new BundleRefused("the header's storefronts", 'holds other than two capital letters');
  }
  return catalogue;
}

function isPlainRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

interface SectionReader {
  u8(name: string): Uint8Array;
  u16(name: string): Uint16Array;
  u32(name: string): Uint32Array;
  i32(name: string): Int32Array;
  f32(name: string): Float32Array;
  /** Every section was asked for: nothing rides along unread. */
  mustBeDone(): void;
}

function sectionReader(sections: Container['sections']): SectionReader {
  const left = new Set(sections.keys());
  const take = <T extends Tensor>(name: string, type: new (...args: never[]) => T): T => {
    const found = sections.get(name);
    if (!(found instanceof type))
      throw new BundleRefused(`section ${name}`, 'is absent or of another type');
    left.delete(name);
    return found;
  };
  return {
    u8: (name) => take(name, Uint8Array),
    u16: (name) => take(name, Uint16Array),
    u32: (name) => take(name, Uint32Array),
    i32: (name) => take(name, Int32Array),
    f32: (name) => take(name, Float32Array),
    mustBeDone: () => {
      if (left.size > 0)
        throw new BundleRefused('the section list', 'has sections that are not known');
    },
  };
}

function numbersOf(place: string, keys: readonly string[]): ReadonlyMap<string, number> {
  const numbers = new Map(keys.map((key, number) => [key, number]));
  if (numbers.size !== keys.length) throw new BundleRefused(place, 'holds a key twice');
  if (numbers.has('')) throw new BundleRefused(place, 'holds an empty key');
  return numbers;
}

/** Reads rows by the rules of `Interactions`; without weights each entry weighs 1. */
function readRows(name: string, users: number, items: number, take: SectionReader): Interactions {
  const offsets = take.i32(`${name}Offsets`);
  const indices = take.i32(`${name}Indices`);
  const weights = take.f32(`${name}Weights`);
  checkOffsets(name, offsets, users, indices.length);
  if (weights.length !== 0 && weights.length !== indices.length) {
    throw new BundleRefused(name, 'has another number of weights than entries');
  }
  for (let row = 0; row < users; row++) {
    for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
      const item = indices[at]!;
      if (item < 0 || item >= items)
        throw new BundleRefused(name, 'names an item that is not there');
      const repeated = at > offsets[row]! && item <= indices[at - 1]!;
      if (repeated) throw new BundleRefused(name, 'has a row that does not ascend');
    }
  }
  if (!weights.every((weight) => weight > 0 && Number.isFinite(weight))) {
    throw new BundleRefused(name, 'holds a weight that is not positive and finite');
  }
  return { users, items, offsets, indices, ...(weights.length > 0 && { weights }) };
}

function checkedCounts(place: string, counts: Float32Array, items: number): Float32Array {
  if (counts.length !== items) throw new BundleRefused(place, 'has another length than the items');
  if (!counts.every((count) => Number.isFinite(count) && count >= 0)) {
    throw new BundleRefused(place, 'holds a count that is not finite or is negative');
  }
  return counts;
}
