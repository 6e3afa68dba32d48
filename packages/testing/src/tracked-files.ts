import {
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { assert, present } from '@backlot/core';
import {
  changeNames,
  changeNative,
  currentNames,
  type DiskNode,
  type FileNode,
  type FolderNode,
  fileNode,
  folderNode,
} from './disk-tree.ts';

export interface TrackedFilesOptions {
  readonly root: string;
  /** A folder for the bytes of files that were removed, and that a crash may bring back. */
  readonly aside: string;
  /** The time that written files get, milliseconds since 1970. */
  readonly now: () => number;
  readonly isNative: (path: string) => boolean;
}

/** Real files under a root, together with what of them is durable. Each method is one operation. */
export class TrackedFiles {
  readonly top: FolderNode;
  readonly #options: TrackedFilesOptions;
  #ids = 0;

  constructor(options: TrackedFilesOptions) {
    this.#options = options;
    this.top = this.#load(options.root);
  }

  /** Opens a real file, new or at its end, and answers its node and descriptor. */
  open(path: string, flag: 'wx' | 'a'): { readonly file: FileNode; readonly handle: number } {
    const [parent, name] = this.#parent(path);
    const known = currentNames(parent).get(name);
    const handle = openSync(path, flag, 0o600);
    assert(known?.kind !== 'folder', 'a file is opened for writing');
    const file = known ?? fileNode(this.#nextId(), path);
    if (!known) {
      this.#stamp(path);
      changeNames(parent, [[name, file]]);
    }
    return { file, handle };
  }

  close(handle: number): void {
    closeSync(handle);
  }

  write(handle: number, file: FileNode, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.byteLength; ) at += writeSync(handle, bytes, at);
    this.#stamp(file.real);
  }

  /** Makes a file's bytes durable, unless a sync of them failed before. */
  settle(file: FileNode): void {
    if (file.dropped) return;
    file.native = this.#options.isNative(file.real);
    file.durableBytes = lstatSync(file.real).size;
    file.durableCopy = undefined;
  }

  /** Makes the names in a folder durable. */
  settleNames(folder: FolderNode, path: string): void {
    this.#discover(folder, path);
    folder.history = [currentNames(folder)];
  }

  makeFolder(path: string): void {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    let folder = this.top;
    for (const name of this.#parts(path)) {
      const known = currentNames(folder).get(name);
      assert(known?.kind !== 'file', 'a folder is made');
      const child = known ?? folderNode(this.#nextId());
      if (!known) changeNames(folder, [[name, child]]);
      folder = child;
    }
  }

  rename(from: string, to: string): void {
    const [fromParent, fromName] = this.#parent(from);
    const [toParent, toName] = this.#parent(to);
    const node = currentNames(fromParent).get(fromName);
    const replaced = currentNames(toParent).get(toName);
    if (replaced?.kind === 'file' && node) {
      const kept = join(this.#options.aside, String(replaced.id));
      linkSync(to, kept);
      replaced.real = kept;
    }
    renameSync(from, to);
    relocate(present(node, 'the renamed node'), from, to);
    if (fromParent === toParent) {
      changeNames(fromParent, [
        [fromName, undefined],
        [toName, node],
      ]);
    } else {
      changeNames(toParent, [[toName, node]]);
      changeNames(fromParent, [[fromName, undefined]]);
    }
  }

  truncate(path: string, bytes: number): void {
    const file = this.file(path);
    if (bytes < file.durableBytes && !file.durableCopy) {
      file.durableCopy = readFileSync(path).subarray(0, file.durableBytes);
    }
    truncateSync(path, bytes);
  }

  remove(path: string): void {
    if (!lstatSync(path, { throwIfNoEntry: false })) return;
    const [parent, name] = this.#parent(path);
    const node = currentNames(parent).get(name);
    if (node) this.#bury(node, path);
    rmSync(path, { recursive: true, force: true });
    changeNames(parent, [[name, undefined]]);
  }

  /** Takes note of all that other programs wrote under the root. */
  discover(): void {
    this.#discoverAll(this.top, this.#options.root);
  }

  /** The file at a path; an `ENOENT` error when there is none. */
  file(path: string): FileNode {
    const [parent, name] = this.#parent(path);
    const node = currentNames(parent).get(name);
    if (node?.kind !== 'file') throw systemError('ENOENT', 'open');
    return node;
  }

  /** The folder at a path; an `ENOENT` error when there is none. */
  folder(path: string): FolderNode {
    let folder = this.top;
    let place = this.#options.root;
    for (const name of this.#parts(path)) {
      this.#discover(folder, place);
      const child = currentNames(folder).get(name);
      if (child?.kind !== 'folder') throw systemError('ENOENT', 'open');
      folder = child;
      place = join(place, name);
    }
    return folder;
  }

  #parent(path: string): readonly [FolderNode, string] {
    const name = present(this.#parts(path).at(-1), 'a name below the root');
    const folder = this.folder(dirname(path));
    this.#discover(folder, dirname(path));
    return [folder, name];
  }

  #parts(path: string): readonly string[] {
    const inner = relative(this.#options.root, path);
    assert(inner !== '..' && !inner.startsWith(`..${sep}`), 'a path lies on the simulated disk');
    return inner === '' ? [] : inner.split(sep);
  }

  #bury(node: DiskNode, path: string): void {
    if (node.kind === 'file') {
      const kept = join(this.#options.aside, String(node.id));
      renameSync(path, kept);
      node.real = kept;
      return;
    }
    this.#discover(node, path);
    for (const [name, child] of currentNames(node)) {
      this.#bury(child, join(path, name));
      changeNames(node, [[name, undefined]]);
    }
  }

  #stamp(path: string): void {
    const seconds = this.#options.now() / 1000;
    utimesSync(path, seconds, seconds);
  }

  /** Takes note of files that something else wrote into a folder: nothing of them is durable. */
  #discover(folder: FolderNode, path: string): void {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const place = join(path, entry.name);
      if (currentNames(folder).has(entry.name)) continue;
      if (entry.isDirectory()) changeNames(folder, [[entry.name, folderNode(this.#nextId())]]);
      else if (this.#options.isNative(place)) {
        changeNative(folder, entry.name, { ...fileNode(this.#nextId(), place), native: true });
      } else changeNames(folder, [[entry.name, fileNode(this.#nextId(), place)]]);
    }
    for (const [name, node] of currentNames(folder)) {
      const isGone = node.kind === 'file' && node.native && !existsSync(node.real);
      if (isGone) changeNative(folder, name, undefined);
    }
  }

  #discoverAll(folder: FolderNode, path: string): void {
    this.#discover(folder, path);
    for (const [name, node] of currentNames(folder)) {
      if (node.kind === 'folder') this.#discoverAll(node, join(path, name));
    }
  }

  #nextId(): number {
    this.#ids++;
    return this.#ids;
  }

  /** What stands in a real folder, all of it durable. */
  #load(path: string): FolderNode {
    const folder = folderNode(this.#nextId());
    const names = new Map<string, DiskNode>();
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const place = join(path, entry.name);
      if (entry.isDirectory()) names.set(entry.name, this.#load(place));
      else {
        const durableBytes = lstatSync(place).size;
        const native = this.#options.isNative(place);
        names.set(entry.name, { ...fileNode(this.#nextId(), place), durableBytes, native });
      }
    }
    folder.history = [names];
    return folder;
  }
}

function relocate(node: DiskNode, from: string, to: string): void {
  if (node.kind === 'file') {
    node.real = to;
    return;
  }
  for (const [name, child] of currentNames(node)) relocate(child, join(from, name), join(to, name));
}

/** An error as the operating system makes it. */
export function systemError(code: string, operation: string): Error {
  return Object.assign(new Error(`${code}: simulated, ${operation}`), { code, syscall: operation });
}
