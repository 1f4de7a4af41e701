/** `npm start`: builds the demo, serves it and prints its address. */

import { parseArgs } from 'node:util';
import { serveDemo } from './serve-demo.ts';

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { port: { type: 'string' } } });
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port < 65_536))
    throw new Error('--port must be a whole number from 0 to 65535');
  console.log('Building the demo …');
  const { url } = await serveDemo({ port });
  console.log(`\n  Loci is at ${url}\n`);
  console.log(
    process.env.LOCI_MODEL_DIR
      ? `  Models are served from ${process.env.LOCI_MODEL_DIR}.`
      : '  The built-in embedder serves; MiniLM can be chosen in the page (from the hub, or from a folder: LOCI_MODEL_DIR).',
  );
  console.log('  Ctrl+C ends it.');
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
