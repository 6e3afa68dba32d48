import { lstat, statfs } from 'node:fs/promises';

/** The permission bits of a file, such as `0o600`. Diagnosis alone asks: durable code has no use for them. */
export async function fileMode(path: string): Promise<number> {
  return (await lstat(path)).mode & 0o777;
}

/** The bytes that are free for this user where a folder lies, or `undefined` where none can tell. */
export async function freeBytes(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    // Some mounts and platforms do not answer; the check then says so.
    return undefined;
  }
}
