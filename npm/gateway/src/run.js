import { spawn } from 'node:child_process';
import { eachLine } from './gateway-log.js';
import { faultOfRun, faultOfSpawn, isPortTaken } from './run-faults.js';

// More than XMTPD_API_DRAIN_TIMEOUT.
const StopTimeout = 10_000;
const MaxErrors = 50;
const Listens = 'started api server';

/** One run of the program, from its start to its end. */
export class Run {
  #errors = [];
  #listens;

  /**
   * Starts it. The pipe to its standard input is what it lives by: the system closes it when this process ends in any way, and the
   * program stops then.
   */
  constructor(program, env, log) {
    this.listening = new Promise((resolve) => { this.#listens = resolve; });
    try {
      // Ctrl-C in a terminal goes to its group: it is this process that decides when the gateway stops.
      this.process = spawn(program, [], { env, stdio: 'pipe', detached: process.platform !== 'win32', windowsHide: true });
    } catch (error) {
      this.ended = Promise.resolve({ fault: faultOfSpawn(program, error) });
      this.hasEnded = true;
      return;
    }
    const child = this.process;
    child.stdin.on('error', () => {});
    eachLine(child.stdout, (line) => this.#take(log.take(line)));
    eachLine(child.stderr, (line) => {
      if (this.#errors.push(line) > MaxErrors) this.#errors.shift();
      if (this.isListening) log.tell('error', line);
    });
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => resolve({ fault: faultOfSpawn(program, error) }));
      // Not exit: its outputs have been read to their ends.
      child.once('close', (code, signal) => resolve({ code, signal }));
    }).finally(() => {
      this.isListening = false;
      this.hasEnded = true;
    });
  }

  /** Whether it accepts calls. */
  isListening = false;

  hasEnded = false;

  /** Whether it ended because its port was taken; known when it has ended. */
  get isPortTaken() {
    return isPortTaken(this.#errors);
  }

  /** Why it ended, in one line. */
  async fault() {
    return faultOfRun(this.#errors, await this.ended);
  }

  /** Ends it, and resolves when it has ended: it may finish its calls, unless that takes too long. */
  async stop() {
    this.process?.stdin.end();
    const timer = setTimeout(() => this.process?.kill('SIGKILL'), StopTimeout);
    await this.ended;
    clearTimeout(timer);
  }

  /** Ends it at once. */
  async kill() {
    this.process?.kill('SIGKILL');
    await this.ended;
  }

  #take(entry) {
    if (!entry?.message.startsWith(Listens)) return;
    this.isListening = true;
    this.#listens(addressOf(entry.main));
  }
}

// A gateway that listens on all addresses is reached at this one.
const addressOf = (listens) => {
  const port = Number(listens.slice(listens.lastIndexOf(':') + 1));
  const host = listens.slice(0, listens.lastIndexOf(':'));
  return { port, url: `http://${['0.0.0.0', '[::]'].includes(host) ? '127.0.0.1' : host}:${port}` };
};
