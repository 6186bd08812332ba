import { findProgram } from './find-program.js';
import { freePort } from './free-port.js';
import { Gateway } from './gateway.js';
import { GatewayLog } from './gateway-log.js';
import { readOptions } from './options.js';
import { startRun } from './start-run.js';

const FirstPort = 5050;

/** Starts a gateway beside this process: index.d.ts says what it takes and returns. */
export const startGateway = async (options = {}) => {
  const { port, logLevel, ...settings } = readOptions(options, process.env);
  settings.program = findProgram(options.program);
  settings.log = new GatewayLog(options.logger ?? undefined, logLevel);
  return new Gateway(settings, await (port === undefined ? startAtFreePort(settings) : startAt(port, settings)));
};

const startAt = (port, settings) =>
  startRun({ ...settings, env: { ...settings.env, XMTPD_API_PORT: `${port}` }, untilReady: true });

// Another process may take the port between the look and the start.
const startAtFreePort = async (settings) => {
  for (let first = FirstPort; ; first++) {
    first = await freePort(first);
    try {
      return await startAt(first, settings);
    } catch (error) {
      if (!error.isPortTaken) throw error;
    }
  }
};
