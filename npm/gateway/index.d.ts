import type { ChildProcess } from 'node:child_process';

/** What `startGateway` takes: the options of `@xmtp/gateway`, and a few more. */
export interface GatewayConfig {
  /**
   * The private key of the wallet that pays: 64 hexadecimal digits, with or without 0x. Required, unless a variable of the process
   * names the key: XMTPD_PAYER_PRIVATE_KEY, XMTPD_PAYER_PRIVATE_KEY_FILE or XMTPD_PAYER_KEYSTORE_FILE.
   */
  payerPrivateKey?: string;
  /** The URL of a Redis, for several gateways with one payer. Without it the state is in the memory of this one. */
  redisUrl?: string;
  /** JSON-RPC of the App Chain. Default: the local network's, http://127.0.0.1:8545; required on testnet and mainnet. */
  appChainRpcUrl?: string;
  /** The same over WebSocket; without it the chain is polled. */
  appChainWssUrl?: string;
  /** JSON-RPC of the settlement chain, Base. Default: the local network's; required on testnet and mainnet. */
  settlementChainRpcUrl?: string;
  /** The same over WebSocket; without it the chain is polled. */
  settlementChainWssUrl?: string;
  /** `testnet`, `mainnet`, or `anvil`, the local network, which is the default. */
  contractsEnvironment?: string;
  /** The contracts as JSON, in place of an environment. */
  contractsConfigJson?: string;
  /** A file with that JSON. */
  contractsConfigFilePath?: string;
  /** The port that the gateway listens on; default the first free one from 5050 on. 0 is any free one. */
  port?: number;
  /** The least level that is passed on to the logger: `debug`, `info` (the default), `warn` or `error`. */
  logLevel?: string;
  /** How a node is chosen; default `stable`. */
  nodeSelectorStrategy?: 'stable' | 'random' | 'ordered' | 'closest' | 'manual';
  /** How long a start may take, in milliseconds; default 30000. */
  healthCheckTimeout?: number;
  /** The path of the xmtp-gateway program. Default: XMTP_GATEWAY_PROGRAM, else the package for this platform. */
  program?: string;
  /** What is called for each line of the log; default the console, with [gateway] in front. `false` for none. */
  logger?: GatewayLogger | false;
  /** Other settings of the program by their variables, such as `{ XMTPD_BUDGETS: '0.50/day' }`; docs/configuration.md lists them. */
  env?: Record<string, string>;
  /** How often in a row the program is started again when it crashes, until it has run for a minute; default without end. */
  maxRestarts?: number;
}

/** One entry of the gateway's log: `level`, `time`, `logger`, `message`, and the values of the message by name. */
export type GatewayLogEntry = Record<string, unknown>;

/** Any of these may be missing. The entry is missing where a line comes from this package, or is no JSON. */
export interface GatewayLogger {
  debug?(message: string, entry?: GatewayLogEntry): void;
  info?(message: string, entry?: GatewayLogEntry): void;
  warn?(message: string, entry?: GatewayLogEntry): void;
  error?(message: string, entry?: GatewayLogEntry): void;
}

export interface GatewayHandle {
  /** Such as `http://127.0.0.1:5050`: what clients take as `gatewayHost`. It stays the same over restarts. */
  readonly url: string;
  readonly port: number;
  /** The process that runs now, or ran last. */
  readonly process: ChildProcess;
  /**
   * Resolves when the gateway has ended for good: undefined after `stop()` or when it was stopped from outside, or else the reason, when
   * it was not started again.
   */
  readonly ended: Promise<GatewayError | undefined>;
  /** Ends it: running calls have 5 s to finish. May be called more than once. */
  stop(): Promise<void>;
  stats(): GatewayStats;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Counts since `startGateway`, over restarts. */
export interface GatewayStats {
  /** Whether the program runs and listens. */
  online: boolean;
  uptimeSeconds: number;
  gatewayPort: number;
  /** Publishes to nodes, all envelopes of a call together, and envelopes that were published to the App Chain. */
  publishes: number;
  /** Entries of the log with the level error. */
  errors: number;
  /** Calls of clients, reads of the node list included. */
  requests: number;
  /** How often the program was started again. */
  restarts: number;
}

/** Why there is no gateway, in one line, with what to do about it. Never contains the key. */
export class GatewayError extends Error {}

/**
 * Starts a gateway beside this process, and resolves when it can publish. It ends when this process ends, in whatever way.
 * @throws GatewayError when it cannot be started; then nothing keeps running.
 */
export function startGateway(config?: GatewayConfig): Promise<GatewayHandle>;

/**
 * The path of the program that `startGateway` would run.
 * @throws GatewayError when there is none for this platform.
 */
export function findProgram(program?: string): string;

/** `findProgram` by its name in `@xmtp/gateway`. */
export const resolveBinary: typeof findProgram;
