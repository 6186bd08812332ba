// Bundles the page and the SDK's worker into dist/, which the local network serves.
import { copyFile, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild-wasm';

const require = createRequire(import.meta.url);
const sdk = join(dirname(require.resolve('@xmtp/browser-sdk/package.json')), 'dist');
const wasm = 'bindings_wasm_bg.wasm';

await build({
  entryPoints: { page: 'page.mjs', 'workers/client': join(sdk, 'workers', 'client.js') },
  outdir: 'dist',
  bundle: true,
  format: 'esm',
  minify: true,
  logLevel: 'error',
});

// Both look for the WebAssembly beside themselves.
const from = join(dirname(require.resolve('@xmtp/wasm-bindings')), wasm);
await mkdir('dist/workers', { recursive: true });
await Promise.all([copyFile(from, join('dist', wasm)), copyFile(from, join('dist', 'workers', wasm))]);
