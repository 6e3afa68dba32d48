/** The compiled kernels, which threads share. */
export type WasmModule = { readonly '[wasm]': 'module' };

/** Memory that threads share. */
export interface WasmMemory {
  readonly buffer: SharedArrayBuffer;
  grow(pages: number): number;
}

interface WebAssemblyApi {
  compile(bytes: Uint8Array): Promise<WasmModule>;
  instantiate(
    module: WasmModule,
    imports: { readonly env: { readonly memory: WasmMemory; readonly abort: () => never } },
  ): Promise<{ readonly exports: Readonly<Record<string, (...args: number[]) => void>> }>;
  readonly Memory: new (options: {
    readonly initial: number;
    readonly maximum: number;
    readonly shared: true;
  }) => WasmMemory;
}

/** The part of WebAssembly's interface that we use: neither Node's types nor the language's hold it. */
export const webAssembly: WebAssemblyApi = (
  globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }
).WebAssembly;
