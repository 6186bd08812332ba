import { createServer } from 'node:net';
import { GatewayError } from './gateway-error.js';

const Span = 100;
const MaxPort = 65535;

/** The first port of this machine from one on that nobody listens on. */
export const freePort = async (first) => {
  for (let port = first; port < Math.min(first + Span, MaxPort + 1); port++) if (await isFree(port)) return port;
  throw new GatewayError(`no port from ${first} to ${first + Span - 1} is free: give one by the option port`);
};

const isFree = (port) => new Promise((resolve) => {
  const server = createServer();
  server.once('error', () => resolve(false));
  server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
});
