import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, test } from 'node:test';

const folder = mkdtempSync(join(tmpdir(), 'pack-'));
const pack = fileURLToPath(new URL('../../pack.mjs', import.meta.url));
const here = `${{ darwin: 'osx', win32: 'win' }[process.platform] ?? process.platform}-${process.arch}`;
const others = ['linux-arm64', 'osx-arm64', 'linux-x64'].filter((platform) => platform !== here).slice(0, 2);
after(() => rmSync(folder, { recursive: true }));

const make = (path) => {
  mkdirSync(path, { recursive: true });
  return path;
};
const env = { ...process.env, XMTP_GATEWAY_PROGRAM: '', XMTP_GATEWAY_BINARY_PATH: '' };
const run = (program, args, cwd) => execFileSync(program, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

test('the packages of a release install, and the program of this platform is found', () => {
  const programs = join(folder, 'programs');
  for (const platform of [here, ...others]) {
    writeFileSync(join(make(join(programs, platform)), 'xmtp-gateway'), '#!/bin/sh\necho "the program was called with $*"\n');
  }
  writeFileSync(join(make(join(programs, 'notes')), 'other'), 'no program');
  const out = make(join(folder, 'out'));
  run(process.execPath, [pack, '1.2.3-rc.1', programs, out], folder);
  const own = `xmtp-gateway-gateway-${process.platform}-${process.arch}-1.2.3-rc.1.tgz`;
  const main = 'xmtp-gateway-gateway-1.2.3-rc.1.tgz';
  assert.equal(readdirSync(out).length, 4);

  const app = make(join(folder, 'app'));
  writeFileSync(join(app, 'package.json'), '{"name":"app","private":true,"type":"module"}');
  run('npm', ['install', '--offline', '--no-audit', '--no-fund', join(out, main), join(out, own)], app);
  const script = "import('@xmtp-gateway/gateway').then(({ findProgram }) => console.log(findProgram()))";
  const found = run(process.execPath, ['-e', script], app).trim();
  assert.equal(found, join(app, 'node_modules', '@xmtp-gateway', `gateway-${process.platform}-${process.arch}`, 'bin', 'xmtp-gateway'));
  assert.equal(run('npx', ['--offline', 'xmtp-gateway', 'payer', 'status'], app).trim(), 'the program was called with payer status');
});

test('a folder without programs makes nothing', () => {
  const made = make(join(folder, 'nothing'));
  const action = () => run(process.execPath, [pack, '1.2.3', make(join(folder, 'empty')), made], folder);
  assert.throws(action, /has no program: expected folders such as linux-x64/);
  assert.deepEqual(readdirSync(made), []);
});
