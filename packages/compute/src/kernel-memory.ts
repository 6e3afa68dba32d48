/** Bytes of a page of WebAssembly memory, and the most pages that 32 bits can address. */
export const pageBytes = 65536;
export const maxPages = 65536;

/**
 * Eight control blocks of 64 bytes: the counter that shares out a kernel's chunks, the flag that cancels, and
 * the count of the threads that are done with it. The compiler's own data begins at 1024.
 */
export const controlAddress = 256;
export const controlBytes = 64;
export const controlBlocks = 8;

/**
 * Where allocation begins. The compiler's data (tables of its exponential and logarithm among it) must end
 * before: a test reads the built file for that, since it would be written over without a word.
 */
export const firstAddress = 65536;
