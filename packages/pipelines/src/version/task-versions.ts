import { createRequire, findPackageJSON } from 'node:module';
import { dirname, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Digest, digestOf, digestOfBytes, type Files } from '@backlot/core';
import { UnresolvedImport } from '../pipelines-error.ts';
import { scanImports } from './import-scanner.ts';
import { entryOf, type PackageManifest } from './package-entry.ts';

/** Everything that a task's code is made of. */
export interface CodeFacts {
  /** Project modules and the files beside them, as `package/path`, with their digests. */
  readonly modules: Readonly<Record<string, Digest>>;
  /** Packages from outside the project and Node itself, with their versions. */
  readonly packages: Readonly<Record<string, string>>;
}

/**
 * Versions of code: the digest of a module with all project modules that it imports, and the
 * versions of the packages. Read once for each process, since a process keeps the code it loaded.
 */
export class TaskVersions {
  readonly #files: Pick<Files, 'read' | 'stat'>;
  readonly #versions = new Map<string, Promise<Digest>>();
  readonly #modules = new Map<string, Promise<ModuleFacts>>();
  readonly #manifests = new Map<string, Promise<PackageManifest>>();

  constructor(files: Pick<Files, 'read' | 'stat'>) {
    this.#files = files;
  }

  /** The version of the code that a module (`import.meta.url`) stands for. */
  versionOf(moduleUrl: string): Promise<Digest> {
    return remember(this.#versions, moduleUrl, async () => digestOf(await this.factsOf(moduleUrl)));
  }

  /** Everything that enters the version. */
  async factsOf(moduleUrl: string): Promise<CodeFacts> {
    const modules: Record<string, Digest> = {};
    const packages: Record<string, string> = { node: nodeMajor };
    const seen = new Set([moduleUrl]);
    const open = [moduleUrl];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const module = await remember(this.#modules, next, () => this.#read(next!));
      modules[module.name] = module.digest;
      Object.assign(modules, module.files);
      Object.assign(packages, module.packages);
      for (const url of module.imports) {
        if (seen.has(url)) continue;
        seen.add(url);
        open.push(url);
      }
    }
    return { modules, packages };
  }

  async #read(url: string): Promise<ModuleFacts> {
    const path = fileURLToPath(url);
    const bytes = await this.#bytes(path, path);
    const facts: ModuleFacts = {
      name: await this.#nameOf(path),
      digest: digestOfBytes(bytes),
      imports: [],
      files: {},
      packages: {},
    };
    if (!/\.[cm]?[jt]sx?$/.test(path)) return facts;
    const found = scanImports(new TextDecoder().decode(bytes));
    for (const specifier of found.modules) await this.#follow(specifier, url, facts);
    for (const file of found.files) await this.#addFile(new URL(file, url), facts);
    return facts;
  }

  async #follow(specifier: string, parent: string, facts: ModuleFacts): Promise<void> {
    if (specifier.startsWith('node:')) return;
    if (/^(?:\.\.?\/|\/|file:)/.test(specifier)) {
      facts.imports.push(new URL(specifier, parent).href);
      return;
    }
    const path = manifestPath(specifier, parent);
    const manifest = await this.#manifest(path);
    if (path.split(sep).includes('node_modules')) {
      facts.packages[manifest.name] = manifest.version;
      return;
    }
    const entry = entryOf(manifest, specifier);
    if (entry === undefined) throw new UnresolvedImport(fileURLToPath(parent), specifier);
    facts.imports.push(new URL(entry, pathToFileURL(path)).href);
  }

  /** A file that is built later, or only for one platform, may be absent: then that is the fact. */
  async #addFile(url: URL, facts: ModuleFacts): Promise<void> {
    const path = fileURLToPath(url);
    if ((await this.#files.stat(path))?.kind !== 'file') return;
    facts.files[await this.#nameOf(path)] = digestOfBytes(await this.#bytes(path, path));
  }

  async #nameOf(path: string): Promise<string> {
    const manifest = findPackageJSON(pathToFileURL(path));
    if (manifest === undefined) return path.split(sep).at(-1)!;
    const { name } = await this.#manifest(manifest);
    return `${name}${path.slice(dirname(manifest).length).split(sep).join('/')}`;
  }

  #manifest(path: string): Promise<PackageManifest> {
    return remember(this.#manifests, path, async () => {
      const text = new TextDecoder().decode(await this.#bytes(path, path));
      const { name = '', version = '', exports, imports, main } = JSON.parse(text);
      return { name, version, exports, imports, main };
    });
  }

  async #bytes(path: string, place: string): Promise<Uint8Array> {
    try {
      return await this.#files.read(path, { limitBytes: 64 * 2 ** 20 });
    } catch (error) {
      throw new UnresolvedImport(place, 'the file', error);
    }
  }
}

interface ModuleFacts {
  readonly name: string;
  readonly digest: Digest;
  /** Addresses of project modules. */
  readonly imports: string[];
  readonly files: Record<string, Digest>;
  readonly packages: Record<string, string>;
}

const nodeMajor = process.versions.node.split('.')[0]!;

function manifestPath(specifier: string, parent: string): string {
  try {
    // A package's own `#imports` are looked up in its own manifest.
    const path = specifier.startsWith('#')
      ? findPackageJSON(parent)
      : findPackageJSON(specifier, parent);
    // A workspace is linked into node_modules: resolving the path follows the link.
    if (path !== undefined) return createRequire(path).resolve(path);
  } catch (error) {
    throw new UnresolvedImport(fileURLToPath(parent), specifier, error);
  }
  throw new UnresolvedImport(fileURLToPath(parent), specifier);
}

function remember<T>(
  known: Map<string, Promise<T>>,
  key: string,
  find: () => Promise<T>,
): Promise<T> {
  const found = known.get(key) ?? find();
  known.set(key, found);
  return found;
}
