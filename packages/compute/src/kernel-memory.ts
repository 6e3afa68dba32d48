/** Bytes of a page of WebAssembly memory, and the most pages that 32 bits can address. */
export const pageBytes = 65536;
export const maxPages = 65536;

/** The counter that shares out chunks and the flag that cancels; the compiler's own data begins at 1024. */
export const controlAddress = 256;

/**
 * Where allocation begins. The compiler's data (tables of its exponential and logarithm among it) must end
 * before: a test reads the built file for that, since it would be written over without a word.
 */
export const firstAddress = 65536;
