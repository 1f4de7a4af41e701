import { LexicalIndex } from './src/text/lexical-index.ts';
import { questions, corpus } from '/tmp/textwork/corpus.ts';
import { Bitset } from './src/vector/bitset.ts';
import { readFileSync, readdirSync } from 'node:fs';
const files = readdirSync('/tmp/textwork/seg').map(f => [Number(f), readFileSync(`/tmp/textwork/seg/${f}`)] as const);
const fresh = () => files.map(([id, b]) => [id, new Uint8Array(b)] as const);
const open = () => { const ix = new LexicalIndex(); for (const [id, b] of fresh()) ix.load(id, b); return ix; };
const cpu = () => { const u = process.cpuUsage(); return (u.user + u.system) / 1000; };
const line = (name: string, xs: number[]) => console.log(name, 'first', xs[0]!.toFixed(1), 'min', Math.min(...xs).toFixed(1), 'all', xs.map(x => x.toFixed(0)).join(' '));
const loads: number[] = [];
for (let i = 0; i < 8; i++) { const f = fresh(); const ix = new LexicalIndex(); const t = performance.now(); for (const [id, b] of f) ix.load(id, b); loads.push(performance.now() - t); }
line('load', loads);
const what = process.argv[2] ?? 'all';
const ix = open();
const qs = questions().slice(0, 500);
function query(name: string, ix: LexicalIndex, limit: number, filter?: Bitset) {
  const best = qs.map(() => Infinity);
  for (let r = 0; r < 5; r++) qs.forEach((q, i) => { const t = performance.now(); ix.search(q, limit, filter); best[i] = Math.min(best[i]!, performance.now() - t); });
  best.sort((a, b) => a - b); console.log(name, 'p50', best[250]!.toFixed(3), 'p90', best[450]!.toFixed(3), 'p99', best[495]!.toFixed(3), 'max', best[499]!.toFixed(3));
}
query('query 50', ix, 50); query('query 10', ix, 10); query('query 500', ix, 500);
query('1%', ix, 50, Bitset.of(Array.from({ length: 1000 }, (_, i) => (i * 7919) % 100000)));
query('50%', ix, 50, Bitset.of(Array.from({ length: 100000 }, (_, i) => i).filter(i => (Math.imul(i, 2654435761) >>> 31) === 1)));
const docs = corpus(3000);
const seals: number[] = [], repl: number[] = [], folds: number[] = [];
for (let r = 0; r < 5; r++) {
  const ix = open();
  for (let i = 0; i < 100000; i += 400) ix.remove(i + r);
  if (r === 0) query('250 dead', ix, 50);
  let t = performance.now(); ix.seal(); seals.push(performance.now() - t);
  for (let k = 0; k < 2000; k++) ix.set((k * 7919) % 100000, docs[k]!);
  t = performance.now(); ix.seal(); repl.push(performance.now() - t);
  for (let f = 0; f < 4; f++) { for (let k = 0; k < 250; k++) ix.set(200000 + f * 250 + k, docs[k]!); t = performance.now(); ix.seal(); folds.push(performance.now() - t); }
}
line('seal after 250 removals', seals); line('seal after 2000 replaced', repl); line('fold of 250 new', folds);
