// The options of startGateway, checked, and the variables that the program reads them from.
import { GatewayError } from './gateway-error.js';

const LocalNetwork = { rpc: 'http://127.0.0.1:8545', wss: 'ws://127.0.0.1:8545', environment: 'anvil' };
const Levels = ['debug', 'info', 'warn', 'error', 'dpanic', 'panic', 'fatal'];
const Key = 'XMTPD_PAYER_PRIVATE_KEY';
const KeySources = [Key, 'XMTPD_PAYER_PRIVATE_KEY_FILE', 'XMTPD_PAYER_KEYSTORE_FILE'];
const OtherKeySources = [...KeySources, 'XMTPD_PAYER_KEYSTORE_PASSWORD_FILE'];

/** Each option that the program has a setting for, with the setting's variable. */
export const VariableOf = {
  payerPrivateKey: Key,
  redisUrl: 'XMTPD_REDIS_URL',
  appChainRpcUrl: 'XMTPD_APP_CHAIN_RPC_URL',
  appChainWssUrl: 'XMTPD_APP_CHAIN_WSS_URL',
  settlementChainRpcUrl: 'XMTPD_SETTLEMENT_CHAIN_RPC_URL',
  settlementChainWssUrl: 'XMTPD_SETTLEMENT_CHAIN_WSS_URL',
  contractsEnvironment: 'XMTPD_CONTRACTS_ENVIRONMENT',
  contractsConfigJson: 'XMTPD_CONTRACTS_CONFIG_JSON',
  contractsConfigFilePath: 'XMTPD_CONTRACTS_CONFIG_FILE_PATH',
  nodeSelectorStrategy: 'XMTPD_PAYER_NODE_SELECTOR_STRATEGY',
  logLevel: 'XMTPD_LOG_LEVEL',
  port: 'XMTPD_API_PORT',
};
const ContractOptions = ['contractsEnvironment', 'contractsConfigJson', 'contractsConfigFilePath'];
const Others = ['healthCheckTimeout', 'program', 'logger', 'env', 'maxRestarts'];

// For a gateway that only this machine reaches: nobody else spends the payer's money, and no page in a browser does.
const Defaults = {
  XMTPD_API_BIND_ADDRESS: '127.0.0.1',
  XMTPD_API_HTTP_PORT: '-1',
  XMTPD_API_CORS_ORIGINS: 'none',
  XMTPD_API_SHUTDOWN_DELAY: '0',
  XMTPD_API_DRAIN_TIMEOUT: '5s',
};

// What this package reads from the log, whatever the level is: the port, and what stats() counts.
const Read = {
  XMTPD_LOG_ENCODING: 'json',
  XMTPD_API_STOP_ON_STDIN_CLOSE: 'true',
  'Logging__LogLevel__Xmtp.Gateway.Hosting.StartLog': 'Information',
  'Logging__LogLevel__Xmtp.Gateway.Endpoints.Calls.UnaryEndpoint': 'Debug',
  'Logging__LogLevel__Xmtp.Gateway.Publishing.Pipeline.EnvelopeRouter': 'Debug',
};

/** Reads the options; an error says in one line which one is wrong, and what it has to be. */
export const readOptions = (options, inherited) => {
  checkNames(options);
  const env = { ...Defaults, ...withoutEmpty(inherited), ...options.env, ...Read };
  addKey(env, options.payerPrivateKey);
  addContracts(env, options);
  for (const [option, variable] of Object.entries(VariableOf)) if (isGiven(options[option])) env[variable] = `${options[option]}`;
  addChains(env);
  if (env.XMTPD_API_BIND_ADDRESS === Defaults.XMTPD_API_BIND_ADDRESS) env.XMTPD_AUTH_ALLOW_ALL ??= 'true';
  const logLevel = `${env.XMTPD_LOG_LEVEL ?? 'info'}`.toLowerCase();
  if (!Levels.includes(logLevel)) throw new GatewayError(`logLevel is wrong: give one of ${Levels.join(', ')}`);
  return {
    env,
    logLevel,
    port: wholeNumber({ port: options.port ?? asNumber(env.XMTPD_API_PORT) }, 'port', undefined, 0, 65535),
    startTimeout: wholeNumber(options, 'healthCheckTimeout', 30_000, 1, 2 ** 31 - 1),
    maxRestarts: options.maxRestarts === Infinity ? Infinity : wholeNumber(options, 'maxRestarts', Infinity, 0, 2 ** 31 - 1),
  };
};

const asNumber = (text) => (isGiven(text) ? Number(text) : undefined);

const isGiven = (value) => value !== undefined && value !== null && value !== '';

const withoutEmpty = (env) => Object.fromEntries(Object.entries(env).filter(([, value]) => isGiven(value)));

const checkNames = (options) => {
  const known = [...Object.keys(VariableOf), ...Others];
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown) throw new GatewayError(`startGateway has no option ${unknown}; it has ${known.join(', ')}`);
};

const addKey = (env, key) => {
  if (!isGiven(key)) {
    if (KeySources.some((variable) => env[variable])) return;
    throw new GatewayError(
      `payerPrivateKey is missing: give the private key of the wallet that pays, or name it by ${KeySources.join(' or ')}`);
  }
  if (!/^\s*(0x)?[0-9a-f]{64}\s*$/i.test(key))
    throw new GatewayError('payerPrivateKey is wrong: give a private key of 64 hexadecimal digits, with or without 0x');
  for (const variable of OtherKeySources) delete env[variable];
};

const addContracts = (env, options) => {
  const given = ContractOptions.filter((option) => isGiven(options[option]));
  if (given.length > 1) throw new GatewayError(`${given.join(' and ')} are given together: give one of them`);
  if (given.length === 1) for (const option of ContractOptions) delete env[VariableOf[option]];
  else if (!ContractOptions.some((option) => env[VariableOf[option]])) env.XMTPD_CONTRACTS_ENVIRONMENT = LocalNetwork.environment;
};

// The local network is one chain. Elsewhere only its owner knows the endpoint, and what it costs.
const addChains = (env) => {
  const isLocal = env.XMTPD_CONTRACTS_ENVIRONMENT?.toLowerCase() === LocalNetwork.environment;
  const missing = ['appChainRpcUrl', 'settlementChainRpcUrl'].filter((option) => !env[VariableOf[option]]);
  if (!isLocal && missing.length > 0) {
    throw new GatewayError(
      `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing: only the local network (contractsEnvironment anvil) ` +
      'has a default; give the URL of your RPC provider');
  }
  if (!env.XMTPD_APP_CHAIN_RPC_URL) {
    env.XMTPD_APP_CHAIN_RPC_URL = LocalNetwork.rpc;
    env.XMTPD_APP_CHAIN_WSS_URL ??= LocalNetwork.wss;
  }
  if (!env.XMTPD_SETTLEMENT_CHAIN_RPC_URL) {
    env.XMTPD_SETTLEMENT_CHAIN_RPC_URL = env.XMTPD_APP_CHAIN_RPC_URL;
    if (env.XMTPD_APP_CHAIN_WSS_URL) env.XMTPD_SETTLEMENT_CHAIN_WSS_URL ??= env.XMTPD_APP_CHAIN_WSS_URL;
  }
};

const wholeNumber = (options, name, otherwise, min, max) => {
  const value = options[name] ?? otherwise;
  if (value === otherwise || (Number.isInteger(value) && value >= min && value <= max)) return value;
  throw new GatewayError(`${name} is wrong: give a whole number from ${min} to ${max}`);
};
