// An agent with its gateway in one file answers a user, whose client publishes through that gateway too. Nothing of it keeps running
// when the agent is stopped, nor when it is killed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { onThisSdk } from '../lib/program.mjs';
import { run, until } from '../lib/stage.mjs';
import { enter, hear, newUser } from '../lib/users.mjs';

const StartLimit = 180_000;

const key = generatePrivateKey();
const identifier = { identifier: privateKeyToAccount(key).address.toLowerCase(), identifierKind: 0 };
const folder = mkdtempSync(join(tmpdir(), 'agent-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const settings = {
  ...JSON.parse(process.argv[3]),
  XMTP_ENV: 'local', XMTP_WALLET_KEY: key, XMTP_DB_ENCRYPTION_KEY: `0x${'2a'.repeat(32)}`, XMTP_DB_DIRECTORY: folder,
};

// The agent's output is read to its end, since the gateway's log is in it. What the agent and its SDK fail with goes to our errors.
const start = async () => {
  const agent = spawn(process.execPath, [...onThisSdk, join(import.meta.dirname, 'with-gateway.mjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...settings },
  });
  process.once('exit', () => agent.kill('SIGKILL'));
  const said = [];
  const url = new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`the agent ${why} before it had started; it said: ${said.join('\n')}`));
    const timer = setTimeout(() => { agent.kill('SIGKILL'); fail(`took longer than ${StartLimit} ms`); }, StartLimit);
    agent.once('exit', (code, signal) => fail(`ended with ${code ?? signal}`));
    createInterface({ input: agent.stdout }).on('line', (line) => {
      said.push(line);
      const [, started] = /^started (.*)$/.exec(line) ?? [];
      if (started) { clearTimeout(timer); resolve(started); }
    });
  });
  return { agent, url: await url };
};

// The agent and all that it started: they have the folder's name in their environment.
const running = () => readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && environment(pid).includes(`XMTP_DB_DIRECTORY=${folder}`));

const environment = (pid) => {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  } catch {
    return [];
  }
};

run(async () => {
  const first = await start();
  assert.equal(running().length, 2, 'an agent and a gateway run');
  const user = await enter(newUser(), { apiUrl: first.url, gatewayHost: first.url });
  await until('the agent is known', async () => (await user.canMessage([identifier])).get(identifier.identifier));
  const dm = await user.conversations.createDmWithIdentifier(identifier);
  await dm.sendText('hello');
  await hear(dm, 'You wrote: hello');
  first.agent.kill('SIGTERM');
  assert.deepEqual(await once(first.agent, 'exit', { signal: AbortSignal.timeout(60_000) }), [0, null]);
  assert.deepEqual(running(), []);

  const second = await start();
  assert.equal(running().length, 2, 'an agent and a gateway run again');
  second.agent.kill('SIGKILL');
  await until('nothing of it runs', () => running().length === 0);
});
