import { GatewayError } from './gateway-error.js';
import { Run } from './run.js';

const Look = 50;

/**
 * Starts the program and waits until it listens, and where that is asked for until it can publish. When it does not come to that, it is
 * ended, and the error says why in one line.
 */
export const startRun = async ({ program, env, startTimeout, log, untilReady, signal }) => {
  const run = new Run(program, env, log);
  const limit = new AbortController();
  const reached = new Promise((resolve) => limit.signal.addEventListener('abort', () => resolve(null), { once: true }));
  const timer = setTimeout(() => limit.abort(), startTimeout);
  const leave = () => limit.abort();
  signal?.addEventListener('abort', leave, { once: true });
  const over = Promise.race([run.ended.then(() => null), reached]);
  const address = await Promise.race([run.listening, over]);
  const isUp = address !== null && (!untilReady || (await isReady(address.url, limit.signal, over)));
  clearTimeout(timer);
  signal?.removeEventListener('abort', leave);
  if (isUp && !run.hasEnded) return { run, address };
  const hasEnded = run.hasEnded;
  if (!hasEnded) await run.kill();
  const why = hasEnded ? await run.fault() : lateness(startTimeout, address);
  throw Object.assign(new GatewayError(`the gateway did not start: ${why}`), { isPortTaken: hasEnded && run.isPortTaken });
};

// It listens before it has read the nodes and the rates; a publish that comes sooner fails.
const isReady = async (url, signal, over) => {
  let isOver = false;
  over.then(() => { isOver = true; });
  while (!isOver) {
    const response = await fetch(`${url}/readyz`, { signal }).catch(() => null);
    await response?.body?.cancel().catch(() => {});
    if (response?.ok) return true;
    await Promise.race([over, new Promise((resolve) => setTimeout(resolve, Look))]);
  }
  return false;
};

const lateness = (startTimeout, address) => (address
  ? `it listens, and found no node to publish to within ${startTimeout} ms (healthCheckTimeout); its log says why`
  : `it did not listen within ${startTimeout} ms (healthCheckTimeout); its log says what it waited for`);
