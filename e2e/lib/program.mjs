// Other processes on the same SDK as this script, such as the command-line clients of node_modules run as their users would.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const modules = join(import.meta.dirname, '..', 'node_modules');

/** The arguments of Node.js for another process on the same SDK. */
export const onThisSdk = ['--import', new URL('./sdk.mjs', import.meta.url).href];

/** A function that runs a program with its arguments and returns what it printed. */
export const program = (path, { env, cwd } = {}) => async (...args) => {
  const { stdout } = await run(process.execPath, [...onThisSdk, join(modules, path), ...args], { cwd, env: { ...process.env, ...env } });
  return stdout;
};

/** The JSON in an output, read. */
export const json = (output) => JSON.parse(output.slice(output.search(/^[[{]/m)));
