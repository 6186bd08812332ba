// The program's log, a line of JSON for each entry: counted, and passed on to a logger.
import { createInterface } from 'node:readline';

const Rank = { debug: 0, info: 1, warn: 2, error: 3, dpanic: 4, panic: 4, fatal: 4 };

const toConsole = {
  debug: (message) => console.log(`[gateway] ${message}`),
  info: (message) => console.log(`[gateway] ${message}`),
  warn: (message) => console.warn(`[gateway] ${message}`),
  error: (message) => console.error(`[gateway] ${message}`),
};

/** Counts what a gateway logs, and passes on what has at least the level. */
export class GatewayLog {
  #logger;
  #minRank;

  constructor(logger = toConsole, level = 'info') {
    this.#logger = logger || {};
    this.#minRank = Rank[level];
  }

  counts = { publishes: 0, errors: 0, requests: 0 };

  /** Takes a line of the program's output, and returns its entry; null for a line that is no entry. */
  take(line) {
    const entry = entryOf(line);
    if (!entry) {
      this.tell('info', line);
      return null;
    }
    const level = entry.level.toLowerCase() === 'fatal' ? 'error' : entry.level.toLowerCase();
    this.#count(level, entry.message);
    this.tell(level, entry.message, entry);
    return entry;
  }

  /** Passes on a message. */
  tell(level, message, entry) {
    if (Rank[level] >= this.#minRank) this.#logger[level]?.(message, entry);
  }

  // The words of UnaryEndpoint and EnvelopeRouter.
  #count(level, message) {
    if (level === 'error') this.counts.errors++;
    if (message.startsWith('received request')) this.counts.requests++;
    if (message.startsWith('publishing to originator') || message.startsWith('publishing to blockchain')) this.counts.publishes++;
  }
}

/** Calls back for each line of a stream. */
export const eachLine = (stream, take) => createInterface({ input: stream, crlfDelay: Infinity })
  .on('line', (line) => line.trim() && take(line));

const entryOf = (line) => {
  try {
    const entry = JSON.parse(line);
    return typeof entry?.level === 'string' && typeof entry.message === 'string' && entry.level.toLowerCase() in Rank ? entry : null;
  } catch {
    return null;
  }
};
