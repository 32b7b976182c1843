// Bundles the page's script into one file that windtunnel embeds: `node build.mjs OUTPUT.js`.
// Only the parts of ECharts that the figures use are taken in, which keeps a page near 600 KB.
// ECharts stays at 6.0: 6.1 draws every heat map on a canvas in slices of 15 ms, whatever
// `progressive` says, so that a page printed at once shows half a map.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const output = process.argv[2];
if (!output) {
  console.error('usage: node build.mjs OUTPUT.js');
  process.exit(2);
}

// Every page carries these libraries, so it carries their notices.
function notices() {
  const text = (path) => readFileSync(join(here, 'node_modules', path), 'utf8').trim();
  const version = (name) => JSON.parse(text(`${name}/package.json`)).version;
  return [
    `echarts ${version('echarts')}, Apache License 2.0, https://www.apache.org/licenses/LICENSE-2.0`,
    text('echarts/NOTICE'),
    `zrender ${version('zrender')}`,
    text('zrender/LICENSE'),
    `tslib ${version('tslib')}`,
    text('tslib/LICENSE.txt'),
  ].join('\n\n');
}

await build({
  entryPoints: [join(here, 'src/page.js')],
  outfile: output,
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['es2020'],
  charset: 'ascii', // the page may be saved or served under any encoding
  legalComments: 'none',
  banner: { js: `/*!\n${notices()}\n*/` },
  define: { 'process.env.NODE_ENV': '"production"' },
});
