import { join } from 'node:path';

/** The folder of the built console: `index.html` and `assets`, for a server to hand out. */
export const consoleFolder: string = join(import.meta.dirname, '../dist');
