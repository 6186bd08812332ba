// Runs a command-line client of node_modules as its user would, on the same SDK as this script.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const choice = new URL('./sdk.mjs', import.meta.url).href;
const modules = join(import.meta.dirname, '..', 'node_modules');

/** A function that runs a program with its arguments and returns what it printed. */
export const program = (path, { env, cwd } = {}) => async (...args) => {
  const { stdout } = await run(process.execPath, ['--import', choice, join(modules, path), ...args], { cwd, env: { ...process.env, ...env } });
  return stdout;
};

/** The JSON in an output, read. */
export const json = (output) => JSON.parse(output.slice(output.search(/^[[{]/m)));
