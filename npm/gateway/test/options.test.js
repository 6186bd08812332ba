import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions } from '../src/options.js';

const payerPrivateKey = `0x${'1f'.repeat(32)}`;
const testnet = { payerPrivateKey, contractsEnvironment: 'testnet', appChainRpcUrl: 'https://app', settlementChainRpcUrl: 'https://base' };

test('the key alone is enough on the local network, whose one chain is both', () => {
  const { env, port, logLevel, startTimeout, maxRestarts } = readOptions({ payerPrivateKey }, {});
  assert.equal(env.XMTPD_PAYER_PRIVATE_KEY, payerPrivateKey);
  assert.equal(env.XMTPD_CONTRACTS_ENVIRONMENT, 'anvil');
  for (const chain of ['APP', 'SETTLEMENT']) {
    assert.equal(env[`XMTPD_${chain}_CHAIN_RPC_URL`], 'http://127.0.0.1:8545');
    assert.equal(env[`XMTPD_${chain}_CHAIN_WSS_URL`], 'ws://127.0.0.1:8545');
  }
  assert.equal(env.XMTPD_REDIS_URL, undefined);
  assert.deepEqual([port, logLevel, startTimeout, maxRestarts], [undefined, 'info', 30_000, Infinity]);
});

test('every option of @xmtp/gateway becomes the variable that its package sets', () => {
  const { env, port, startTimeout, logLevel } = readOptions({
    payerPrivateKey, redisUrl: 'redis://r', appChainRpcUrl: 'https://a', appChainWssUrl: 'wss://a', settlementChainRpcUrl: 'https://s',
    settlementChainWssUrl: 'wss://s', contractsEnvironment: 'testnet', port: 6000, logLevel: 'debug', nodeSelectorStrategy: 'closest',
    healthCheckTimeout: 5,
  }, {});
  assert.equal(env.XMTPD_REDIS_URL, 'redis://r');
  assert.equal(env.XMTPD_APP_CHAIN_RPC_URL, 'https://a');
  assert.equal(env.XMTPD_APP_CHAIN_WSS_URL, 'wss://a');
  assert.equal(env.XMTPD_SETTLEMENT_CHAIN_RPC_URL, 'https://s');
  assert.equal(env.XMTPD_SETTLEMENT_CHAIN_WSS_URL, 'wss://s');
  assert.equal(env.XMTPD_CONTRACTS_ENVIRONMENT, 'testnet');
  assert.equal(env.XMTPD_PAYER_NODE_SELECTOR_STRATEGY, 'closest');
  assert.equal(env.XMTPD_LOG_LEVEL, 'debug');
  assert.deepEqual([port, startTimeout, logLevel], [6000, 5, 'debug']);
});

test('contracts as JSON or in a file take the place of an environment that a variable names', () => {
  const { contractsEnvironment, ...rest } = testnet;
  const inherited = { XMTPD_CONTRACTS_ENVIRONMENT: contractsEnvironment };
  const json = readOptions({ ...rest, contractsConfigJson: '{}' }, inherited).env;
  assert.deepEqual([json.XMTPD_CONTRACTS_CONFIG_JSON, json.XMTPD_CONTRACTS_ENVIRONMENT], ['{}', undefined]);
  const file = readOptions({ ...rest, contractsConfigFilePath: 'c.json' }, inherited).env;
  assert.deepEqual([file.XMTPD_CONTRACTS_CONFIG_FILE_PATH, file.XMTPD_CONTRACTS_ENVIRONMENT], ['c.json', undefined]);
  assert.equal(readOptions(rest, inherited).env.XMTPD_CONTRACTS_ENVIRONMENT, 'testnet');
});

test('a chain of its own that has no WebSocket is not given the one of the local network', () => {
  const { env } = readOptions({ payerPrivateKey, appChainRpcUrl: 'http://127.0.0.1:1' }, {});
  assert.deepEqual([env.XMTPD_APP_CHAIN_WSS_URL, env.XMTPD_SETTLEMENT_CHAIN_WSS_URL], [undefined, undefined]);
  assert.equal(env.XMTPD_SETTLEMENT_CHAIN_RPC_URL, 'http://127.0.0.1:1');
});

test('only this machine reaches it, and so everyone who does may publish, unless a variable says otherwise', () => {
  const { env } = readOptions(testnet, {});
  assert.equal(env.XMTPD_API_BIND_ADDRESS, '127.0.0.1');
  assert.equal(env.XMTPD_API_HTTP_PORT, '-1');
  assert.equal(env.XMTPD_API_CORS_ORIGINS, 'none');
  assert.equal(env.XMTPD_AUTH_ALLOW_ALL, 'true');
  const open = readOptions({ ...testnet, env: { XMTPD_API_BIND_ADDRESS: '::' } }, {}).env;
  assert.equal(open.XMTPD_AUTH_ALLOW_ALL, undefined);
  assert.equal(readOptions(testnet, { XMTPD_AUTH_ALLOW_ALL: 'false' }).env.XMTPD_AUTH_ALLOW_ALL, 'false');
});

test('an option goes before a variable of env, and that before one of the process', () => {
  const inherited = { XMTPD_BUDGETS: '1/day', XMTPD_REDIS_URL: 'redis://process', HOME: '/home/app' };
  const variables = { XMTPD_BUDGETS: '2/day', XMTPD_REDIS_URL: 'redis://env' };
  const { env } = readOptions({ payerPrivateKey, redisUrl: 'redis://option', env: variables }, inherited);
  assert.deepEqual([env.XMTPD_BUDGETS, env.XMTPD_REDIS_URL, env.HOME], ['2/day', 'redis://option', '/home/app']);
  assert.equal(readOptions({ payerPrivateKey }, { XMTPD_API_PORT: '6001' }).port, 6001);
});

test('a key that a variable names is taken, and a key that is given takes the place of it', () => {
  const inherited = { XMTPD_PAYER_PRIVATE_KEY_FILE: 'payer.key' };
  assert.equal(readOptions({}, inherited).env.XMTPD_PAYER_PRIVATE_KEY_FILE, 'payer.key');
  const { env } = readOptions({ payerPrivateKey }, inherited);
  assert.deepEqual([env.XMTPD_PAYER_PRIVATE_KEY, env.XMTPD_PAYER_PRIVATE_KEY_FILE], [payerPrivateKey, undefined]);
});

const wrong = [
  ['a key that is missing', {}, /^payerPrivateKey is missing: give the private key/],
  ['a key that is empty', { payerPrivateKey: '' }, /^payerPrivateKey is missing/],
  ['a key that is none', { payerPrivateKey: '0x1234' }, /^payerPrivateKey is wrong: give a private key of 64 hexadecimal digits/],
  ['an RPC endpoint that is missing', { ...testnet, appChainRpcUrl: undefined }, /^appChainRpcUrl is missing: .* your RPC provider/],
  ['two that are missing', { payerPrivateKey, contractsEnvironment: 'mainnet' }, /^appChainRpcUrl and settlementChainRpcUrl are missing/],
  ['contracts in two places', { ...testnet, contractsConfigJson: '{}' }, /^contractsEnvironment and contractsConfigJson .* give one/],
  ['a port that is none', { payerPrivateKey, port: 70_000 }, /^port is wrong: give a whole number from 0 to 65535/],
  ['a port in a variable that is none', { payerPrivateKey, env: { XMTPD_API_PORT: 'x' } }, /^port is wrong/],
  ['a time that is none', { payerPrivateKey, healthCheckTimeout: -1 }, /^healthCheckTimeout is wrong/],
  ['a level that is none', { payerPrivateKey, logLevel: 'loud' }, /^logLevel is wrong: give one of debug, info, warn, error/],
  ['an option that there is not', { payerPrivateKey, redis: 'redis://r' }, /^startGateway has no option redis; it has payerPrivateKey,/],
];
for (const [what, options, message] of wrong) {
  test(`${what} is one line that says what is wrong and what to do`, () => {
    assert.throws(() => readOptions(options, {}), (error) => {
      assert.match(error.message, message);
      assert.ok(!error.message.includes('\n') && !error.message.includes('1234'));
      return error.name === 'GatewayError';
    });
  });
}
