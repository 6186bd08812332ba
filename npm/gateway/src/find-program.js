import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { headOf, platformOf, runs } from './executable.js';
import { GatewayError } from './gateway-error.js';

const Scope = '@xmtp-gateway/gateway';
// Those of npm/pack.mjs.
const Published = ['linux-x64', 'linux-arm64', 'linux-musl-x64', 'darwin-arm64', 'darwin-x64', 'win32-x64'];
// The second is the name in the original's package.
const Variables = ['XMTP_GATEWAY_PROGRAM', 'XMTP_GATEWAY_BINARY_PATH'];
const OrName = `or name a program by the option program or by ${Variables[0]}`;

const require = createRequire(import.meta.url);

/** The path of the program; an error says in one line why there is none that this machine runs. */
export const findProgram = (program) => {
  const variable = Variables.find((name) => process.env[name]);
  if (program) return checked(program, 'the option program names it');
  if (variable) return checked(process.env[variable], `${variable} names it`);
  const name = `${Scope}-${packagePlatform()}`;
  return checked(inPackage(name), `it is that of the package ${name}, which has to be installed again`);
};

/** The platform as packages are named: on Linux by the C library too. */
export const packagePlatform = () => `${process.platform}-${isMusl() ? 'musl-' : ''}${process.arch}`;

const isMusl = () => {
  if (process.platform !== 'linux') return false;
  process.report.excludeNetwork = true;
  return process.report.getReport().header.glibcVersionRuntime === undefined;
};

const inPackage = (name) => {
  const platform = packagePlatform();
  if (!Published.includes(platform)) {
    throw new GatewayError(
      `there is no xmtp-gateway program for ${platform}: run the gateway on one of ${Published.join(', ')}, ${OrName}`);
  }
  try {
    const folder = dirname(require.resolve(`${name}/package.json`));
    return join(folder, 'bin', process.platform === 'win32' ? 'xmtp-gateway.exe' : 'xmtp-gateway');
  } catch {
    throw new GatewayError(
      `the package ${name}, which has the xmtp-gateway program, is not installed: install ${Scope} again with its optional ` +
      `dependencies (npm install ${Scope} --include=optional), ${OrName}`);
  }
};

// Resolved: the system would look for a name without a folder among its own programs.
const checked = (given, from) => {
  const path = resolve(given);
  const fault = faultOf(path);
  if (fault) throw new GatewayError(`${path} ${fault}; ${from}`);
  return path;
};

const faultOf = (path) => {
  if (!existsSync(path)) return 'is missing';
  if (!statSync(path).isFile()) return 'is not a file: name the xmtp-gateway program itself';
  try {
    accessSync(path, constants.R_OK | constants.X_OK);
  } catch {
    return 'may not be executed by this user: chmod +rx gives the right';
  }
  const here = `${process.platform}-${process.arch}`;
  const found = platformOf(headOf(path));
  if (found === null) return 'is not a program: name the file that xmtp-gateway is in';
  return runs(here, found) ? null : `is a program for ${found}, and this is ${here}: take the one for ${packagePlatform()}`;
};
