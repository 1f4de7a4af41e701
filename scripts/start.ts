/** `npm start`: builds the demo, serves it and prints its address. */

import { parseArgs } from 'node:util';
import { serveDemo } from './serve-demo.ts';

const { values } = parseArgs({ options: { port: { type: 'string' } } });

console.log('Building the demo …');
const { url } = await serveDemo(values.port === undefined ? {} : { port: Number(values.port) });
console.log(`\n  Loci is at ${url}\n`);
console.log(
  process.env.LOCI_MODEL_DIR
    ? `  Models are served from ${process.env.LOCI_MODEL_DIR}.`
    : '  The built-in embedder serves; MiniLM can be chosen in the page (from the hub, or from a folder: LOCI_MODEL_DIR).',
);
console.log('  Ctrl+C ends it.');
