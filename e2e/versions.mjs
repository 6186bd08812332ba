// Prints what is installed, as JSON: each SDK and command-line client with its version, the Node.js and the libc that it
// asks for, and of the Node SDKs whether they load here.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const modules = 'node_modules';
const json = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** The folder that a package gets another package from: its own node_modules first. */
const found = (from, name) => [join(modules, from, modules, name), join(modules, name)].find(existsSync);

/** The newest glibc symbol version that the binary for Linux on x64 refers to. */
const glibc = (bindings) => {
  const folder = join(bindings, 'dist');
  const file = readdirSync(folder).find((name) => name.endsWith('.linux-x64-gnu.node'));
  const versions = readFileSync(join(folder, file), 'latin1').match(/GLIBC_2\.\d+/g) ?? [];
  return `2.${Math.max(...versions.map((version) => Number(version.slice('GLIBC_2.'.length))))}`;
};

/** Why a package does not load here; null when it does. */
const fault = async (name) => {
  try {
    await run(process.execPath, ['--input-type=module', '-e', `await import('${name}')`]);
    return null;
  } catch (error) {
    return /version `GLIBC_[\d.]+' not found/.exec(error.stderr)?.[0] ?? error.stderr.trim().split('\n').find((line) => line.includes('Error')) ?? 'it does not load';
  }
};

const sdk = async (name) => {
  const { version, engines } = json(join(modules, name, 'package.json'));
  const bindings = found(name, '@xmtp/node-bindings');
  return { name, version, node: engines?.node ?? '', bindings: json(join(bindings, 'package.json')).version, glibc: glibc(bindings), fault: await fault(name) };
};

const client = (name) => {
  const { version, engines } = json(join(modules, name, 'package.json'));
  return { name, version, node: engines?.node ?? '' };
};

process.stdout.write(JSON.stringify({
  node: process.versions.node,
  glibc: process.report.getReport().header.glibcVersionRuntime ?? null,
  sdks: await Promise.all(['@xmtp/node-sdk', 'node-sdk-nightly', 'node-sdk-oldest'].map(sdk)),
  clients: ['@xmtp/agent-sdk', '@xmtp/cli', '@xmtp/convos-cli'].map(client),
}));
