import { GatewayError } from './gateway-error.js';
import { startRun } from './start-run.js';

const MinPause = 250;
const MaxPause = 15_000;
const stableAfter = 60_000;

/** A gateway that runs, and is started again when it crashes: what startGateway returns. */
export class Gateway {
  #settings;
  #run;
  #startedAt = Date.now();
  #upAt = Date.now();
  #failures = 0;
  #restarts = 0;
  #timer;
  #starting = Promise.resolve();
  #stopped;
  #stopping = new AbortController();
  #end;

  constructor(settings, { run, address }) {
    this.#settings = settings;
    this.#run = run;
    this.url = address.url;
    this.port = address.port;
    this.ended = new Promise((resolve) => { this.#end = resolve; });
    this.#watch();
  }

  get process() {
    return this.#run.process;
  }

  stats = () => ({
    online: this.#run.isListening,
    uptimeSeconds: Math.floor((Date.now() - this.#startedAt) / 1000),
    gatewayPort: this.port,
    ...this.#settings.log.counts,
    restarts: this.#restarts,
  });

  stop = () => (this.#stopped ??= this.#stop());

  [Symbol.asyncDispose]() {
    return this.stop();
  }

  async #stop() {
    this.#stopping.abort();
    clearTimeout(this.#timer);
    await this.#starting;
    await this.#run.stop();
    this.#end();
  }

  async #watch() {
    const { code } = await this.#run.ended;
    if (this.#stopping.signal.aborted) return;
    if (code === 0) {
      this.#tell('warn', 'the gateway was stopped from outside: it is not started again');
      this.#end();
      return;
    }
    if (Date.now() - this.#upAt >= stableAfter) this.#failures = 0;
    this.#restart(await this.#run.fault());
  }

  #restart(why) {
    if (this.#stopping.signal.aborted) return;
    if (this.#failures >= this.#settings.maxRestarts) {
      const error = new GatewayError(
        `the gateway crashed, and is not started again more often than maxRestarts (${this.#failures}): ${why}`);
      this.#tell('error', error.message);
      this.#end(error);
      return;
    }
    const pause = Math.min(MaxPause, MinPause * 2 ** this.#failures++);
    this.#tell('error', `the gateway crashed, and is started again in ${pause} ms: ${why}`);
    this.#timer = setTimeout(() => { this.#starting = this.#startAgain(); }, pause);
  }

  async #startAgain() {
    try {
      const env = { ...this.#settings.env, XMTPD_API_PORT: `${this.port}` };
      ({ run: this.#run } = await startRun({ ...this.#settings, env, untilReady: false, signal: this.#stopping.signal }));
    } catch (error) {
      this.#restart(error.message);
      return;
    }
    this.#upAt = Date.now();
    this.#restarts++;
    this.#tell('info', `the gateway is back at ${this.url}`);
    this.#watch();
  }

  #tell(level, message) {
    this.#settings.log.tell(level, message);
  }
}
