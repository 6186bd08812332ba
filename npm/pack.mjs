// Makes the npm packages of a release: node npm/pack.mjs VERSION PROGRAMS OUT
// PROGRAMS has a folder for each platform with the program of one file, as .NET names platforms: PROGRAMS/linux-x64/xmtp-gateway. Each
// becomes a package that npm installs on that platform alone; the package of npm/gateway has all of them as optional dependencies, in
// this version and no other.
import { execFileSync } from 'node:child_process';
import {
  chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const Platforms = {
  'linux-x64': { npm: 'linux-x64', os: 'linux', cpu: 'x64', libc: 'glibc' },
  'linux-arm64': { npm: 'linux-arm64', os: 'linux', cpu: 'arm64', libc: 'glibc' },
  'linux-musl-x64': { npm: 'linux-musl-x64', os: 'linux', cpu: 'x64', libc: 'musl' },
  'osx-arm64': { npm: 'darwin-arm64', os: 'darwin', cpu: 'arm64' },
  'osx-x64': { npm: 'darwin-x64', os: 'darwin', cpu: 'x64' },
  'win-x64': { npm: 'win32-x64', os: 'win32', cpu: 'x64' },
};
const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const source = join(here, 'gateway');
const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
const common = { license: manifest.license, keywords: manifest.keywords, ...repository() };

const [version, programs, out] = process.argv.slice(2);
if (!out) throw new Error('usage: node npm/pack.mjs VERSION PROGRAMS OUT');
const work = mkdtempSync(join(tmpdir(), 'npm-'));
try {
  const packed = readdirSync(programs).filter((name) => name in Platforms).map((name) => packProgram(name, Platforms[name]));
  if (packed.length === 0) throw new Error(`${programs} has no program: expected folders such as linux-x64, made by .ci/programs`);
  packGateway(Object.fromEntries(packed.map((name) => [name, version])));
} finally {
  rmSync(work, { recursive: true });
}

function packProgram(platform, { npm, os, cpu, libc }) {
  const file = os === 'win32' ? 'xmtp-gateway.exe' : 'xmtp-gateway';
  const program = join(programs, platform, file);
  if (!existsSync(program)) throw new Error(`${program} is missing`);
  const name = `${manifest.name}-${npm}`;
  const folder = join(work, npm);
  mkdirSync(join(folder, 'bin'), { recursive: true });
  copyFileSync(program, join(folder, 'bin', file));
  chmodSync(join(folder, 'bin', file), 0o755);
  const description = `The xmtp-gateway program for ${npm}, which ${manifest.name} runs`;
  writeFileSync(join(folder, 'README.md'), `# ${name}\n\n${description}.\n`);
  pack(folder, { name, version, description, ...common, os: [os], cpu: [cpu], ...(libc && { libc: [libc] }), files: ['bin'] });
  return name;
}

function packGateway(optionalDependencies) {
  const folder = join(work, 'gateway');
  mkdirSync(folder);
  for (const name of [...manifest.files, 'README.md']) cpSync(join(source, name), join(folder, name), { recursive: true });
  pack(folder, { ...manifest, version, ...common, optionalDependencies });
}

function pack(folder, content) {
  copyFileSync(join(here, '..', 'LICENSE'), join(folder, 'LICENSE'));
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(content, null, 2)}\n`);
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  console.log(execFileSync(npm, ['pack', '--silent', '--pack-destination', resolve(out)], { cwd: folder, encoding: 'utf8' }).trim());
}

// npm wants to know where a package with provenance was built.
function repository() {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = process.env;
  return server && name ? { repository: { type: 'git', url: `git+${server}/${name}.git` } } : {};
}
