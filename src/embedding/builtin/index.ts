/** The built-in model: from bytes that the host has (at the edge an imported module), or from the package's own file. */

export { type BuiltinEmbedderOptions, createBuiltinEmbedder } from './encoder.ts';
export { type BuiltinLoaderOptions, createBuiltinLoader } from './load.ts';
export { type BuiltinTable, readBuiltinTable } from './table.ts';
