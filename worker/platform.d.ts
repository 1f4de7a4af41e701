/** What sources shared with the browser and Node look for before they use it; workerd's types do not name it. */

declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}

declare module '*.bin' {
  const bytes: ArrayBuffer;
  export default bytes;
}

interface ImportMeta {
  readonly url: string;
}

declare namespace WebAssembly {
  function compile(bytes: ArrayBuffer | ArrayBufferView): Promise<WebAssembly.Module>;
  function validate(bytes: ArrayBuffer | ArrayBufferView): boolean;
}

declare var navigator: { readonly storage?: StorageManager } | undefined;
declare var process:
  | { readonly getBuiltinModule?: (name: 'node:fs/promises') => { readFile(url: URL): Promise<Uint8Array> } }
  | undefined;

interface StorageManager {
  estimate?(): Promise<{ readonly usage?: number; readonly quota?: number }>;
}
