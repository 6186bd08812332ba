// An agent answers, is stopped, and comes back with the same database: it answers again, as the same installation. What
// came while it was stopped it is not given, and finds in its conversations.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Agent } from '@xmtp/agent-sdk';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { onThisSdk } from '../lib/program.mjs';
import { run, tell, until } from '../lib/stage.mjs';
import { enter, findConversation, gateway, hear, newUser, texts } from '../lib/users.mjs';

const key = generatePrivateKey();
const identifier = { identifier: privateKeyToAccount(key).address.toLowerCase(), identifierKind: 0 };
const folder = mkdtempSync(join(tmpdir(), 'agent-'));
const settings = {
  XMTP_GATEWAY_HOST: gateway, XMTP_ENV: 'local', XMTP_WALLET_KEY: key, XMTP_DB_ENCRYPTION_KEY: `0x${'2a'.repeat(32)}`, XMTP_DB_DIRECTORY: folder,
};

const start = async () => {
  const agent = spawn(process.execPath, [...onThisSdk, join(import.meta.dirname, 'echo.mjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...settings },
  });
  for await (const line of createInterface({ input: agent.stdout })) if (line === 'started') return agent;
  throw new Error('the agent ended before it had started');
};

run(async () => {
  const [user, first] = await Promise.all([enter(newUser()), start()]);
  await until('the agent is known', async () => (await user.canMessage([identifier])).get(identifier.identifier));
  const dm = await user.conversations.createDmWithIdentifier(identifier);
  await dm.sendText('hello');
  await hear(dm, 'You wrote: hello');
  tell('answered');

  first.kill('SIGTERM');
  assert.deepEqual(await once(first, 'exit'), [0, null]);
  await dm.sendText('nobody is here');
  const second = await start();
  await dm.sendText('hello again');
  await hear(dm, 'You wrote: hello again');
  assert.ok(!(await texts(dm)).includes('You wrote: nobody is here'));
  second.kill('SIGTERM');
  await once(second, 'exit');

  Object.assign(process.env, settings);
  const { client } = await Agent.createFromEnv();
  await hear(await findConversation(client, dm.id), 'nobody is here');
  const inbox = await user.fetchInboxIdByIdentifier(identifier);
  const [state] = await user.preferences.fetchInboxStates([inbox]);
  assert.equal(state.installations.length, 1);
  rmSync(folder, { recursive: true });
});
