// The real program on a real local network: Gateway.Tests starts both, and names them in the environment.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { afterEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startGateway } from '../index.js';
import { commandLine, isRunning, keepingLogger, options, publish, until, variables } from '../fixtures/network.js';

const parentScript = fileURLToPath(new URL('../fixtures/parent.js', import.meta.url));

const nowhere = { appChainRpcUrl: 'http://127.0.0.1:1', appChainWssUrl: undefined };

const silent = { ...options, logger: false };

const hasChildren = () => process.getActiveResourcesInfo().includes('ProcessWrap');
const nothingRuns = () => until('nothing runs', () => !hasChildren(), 5);

const running = [];
const start = async (config) => {
  const gateway = await startGateway(config);
  running.push(gateway);
  return gateway;
};
afterEach(() => Promise.all(running.splice(0).map((gateway) => gateway.stop())));

const refuses = async (more, words) => assert.rejects(() => startGateway({ ...silent, ...more }), (error) => {
  assert.match(error.message, words);
  assert.ok(!error.message.includes('\n') && !error.message.includes(options.payerPrivateKey.slice(4)), error.message);
  return error.name === 'GatewayError';
});

const listener = async (port = 0) => {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
};

test('it publishes, counts, passes on its log without the key, and stops', async () => {
  const { told, logger, has } = keepingLogger();
  const gateway = await start({ ...options, logger });
  assert.equal(gateway.url, `http://127.0.0.1:${gateway.port}`);
  // Among the errors is that the payer of this test has no balance.
  const { uptimeSeconds, errors, ...counts } = gateway.stats();
  assert.deepEqual(counts, { online: true, gatewayPort: gateway.port, publishes: 0, requests: 0, restarts: 0 });
  assert.ok(Number.isInteger(uptimeSeconds) && Number.isInteger(errors));
  await Promise.all([publish(gateway.url), publish(gateway.url)]);
  await until('both are counted', () => gateway.stats().publishes === 2 && gateway.stats().requests === 2);
  const { pid } = gateway.process;
  assert.ok(!commandLine(pid).join(' ').includes(options.payerPrivateKey.slice(4)));
  await gateway.stop();
  await gateway.stop();
  assert.equal(await gateway.ended, undefined);
  assert.ok(!isRunning(pid) && !gateway.stats().online && gateway.process.exitCode === 0);
  assert.ok(has('the payer is 0x') && has('state is kept in memory') && has('xmtp-gateway has stopped'));
  assert.ok(told.find(({ message }) => message.startsWith('started api server')).entry.main.endsWith(`:${gateway.port}`));
  assert.ok(told.every(({ level, message }) => level !== 'debug' && !message.includes(options.payerPrivateKey.slice(4))));
});

test('a level keeps what is below it from the logger, and counts all the same', async () => {
  const { told, logger } = keepingLogger();
  const gateway = await start({ ...options, logger, logLevel: 'error' });
  await publish(gateway.url);
  await until('it is counted', () => gateway.stats().publishes === 1);
  await gateway.stop();
  assert.deepEqual(told.filter(({ level }) => level !== 'error'), []);
  assert.equal(gateway.stats().errors, told.length);
});

test('two in one process take two ports, and a port that is given is the gateway\'s', async () => {
  const server = await listener();
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  const gateways = await Promise.all([start(silent), start(silent), start({ ...silent, port })]);
  assert.equal(new Set(gateways.map((gateway) => gateway.url)).size, 3);
  assert.equal(gateways[2].url, `http://127.0.0.1:${port}`);
  await Promise.all(gateways.map((gateway) => gateway.stop()));
});

test('a port that is taken is one line that says what to do, and nothing keeps running', async () => {
  const server = await listener();
  const { port } = server.address();
  const words = `^the gateway did not start: port: 127\\.0\\.0\\.1:${port} is taken by another process; give another port`;
  await refuses({ port }, new RegExp(words));
  await nothingRuns();
  server.close();
});

test('a chain that does not answer is named by its option', () => refuses(
  { ...nowhere, settlementChainRpcUrl: options.appChainRpcUrl, env: { XMTPD_CONTRACTS_START_TIMEOUT: '1ms' } },
  /^the gateway did not start: appChainRpcUrl: http:\/\/127\.0\.0\.1:1 cannot be used: .*; see that it runs and can be reached/));

test('a start that takes too long is ended', async () => {
  await refuses(
    { ...nowhere, env: { XMTPD_CONTRACTS_START_TIMEOUT: '1h' }, healthCheckTimeout: 3000 },
    /^the gateway did not start: it did not listen within 3000 ms \(healthCheckTimeout\)/);
  await nothingRuns();
});

test('a gateway that is killed comes back at the same address, publishes, and its counts go on', async () => {
  const { logger, has } = keepingLogger();
  const gateway = await start({ ...options, logger });
  const { url } = gateway;
  await publish(url);
  await until('it is counted', () => gateway.stats().publishes === 1);
  gateway.process.kill('SIGKILL');
  await until('it is back', () => gateway.stats().restarts === 1 && gateway.stats().online);
  await until('it is ready', async () => (await fetch(`${url}/readyz`).catch(() => ({}))).ok);
  await publish(url);
  await until('it is counted too', () => gateway.stats().publishes === 2);
  assert.ok(has('the gateway crashed, and is started again in 250 ms: it ended by SIGKILL') && has(`the gateway is back at ${url}`));
  assert.equal(gateway.url, url);
  await gateway.stop();
});

test('restarts have an end where one is given, and say why', async () => {
  const gateway = await start({ ...silent, maxRestarts: 1 });
  gateway.process.kill('SIGKILL');
  await until('it is back', () => gateway.stats().restarts === 1);
  gateway.process.kill('SIGKILL');
  const words = /^the gateway crashed, and is not started again more often than maxRestarts \(1\): it ended by SIGKILL$/;
  assert.match((await gateway.ended).message, words);
  assert.equal(gateway.stats().online, false);
  await gateway.stop();
});

test('a stop between a crash and the restart leaves nothing running', async () => {
  const { logger, has } = keepingLogger();
  const gateway = await start({ ...options, logger });
  gateway.process.kill('SIGKILL');
  await until('it waits', () => has('is started again in'));
  await gateway.stop();
  await nothingRuns();
  assert.equal(gateway.stats().restarts, 0);
});

test('a stop while it starts again leaves nothing running', async () => {
  const { logger, has } = keepingLogger();
  const gateway = await start({ ...options, logger });
  gateway.process.kill('SIGKILL');
  await until('it waits', () => has('is started again in') && !hasChildren());
  await until('it starts', hasChildren);
  await gateway.stop();
  await nothingRuns();
  assert.equal(gateway.stats().online, false);
});

test('one that was stopped from outside is not started again', async () => {
  const { logger, has } = keepingLogger();
  const gateway = await start({ ...options, logger });
  gateway.process.kill('SIGTERM');
  assert.equal(await gateway.ended, undefined);
  assert.ok(has('the gateway was stopped from outside'));
});

for (const [end, how] of [[null, 'is killed'], ['exit', 'exits'], ['throw', 'throws']]) {
  test(`it ends with its parent, which ${how}`, async () => {
    const parent = spawn(process.execPath, [parentScript, ...(end ? [end] : [])], {
      env: { ...process.env, ...variables },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line] = await once(createInterface({ input: parent.stdout }), 'line');
    const { url, pid } = JSON.parse(line);
    if (!end) {
      await publish(url);
      parent.kill('SIGKILL');
    }
    await until('the gateway has ended', () => !isRunning(pid));
    await assert.rejects(() => fetch(url));
  });
}
