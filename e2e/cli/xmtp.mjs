// @xmtp/cli: a user of the command line and one of the SDK write to each other.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generatePrivateKey } from 'viem/accounts';
import { program } from '../lib/program.mjs';
import { run, tell, until } from '../lib/stage.mjs';
import { enter, gateway, hear, newUser, texts } from '../lib/users.mjs';

const folder = mkdtempSync(join(tmpdir(), 'xmtp-'));
// It reads its variables from the file .env of the folder that it runs in.
writeFileSync(join(folder, '.env'), `XMTP_GATEWAY_HOST=${gateway}
XMTP_ENV=local
XMTP_WALLET_KEY=${generatePrivateKey()}
XMTP_DB_ENCRYPTION_KEY=${'2a'.repeat(32)}
XMTP_DB_DIRECTORY=${folder}
`);
const xmtp = program('@xmtp/cli/dist/index.js', { cwd: folder });

run(async () => {
  const user = newUser();
  const bo = await enter(user);
  const { identifier } = user.getIdentifier();
  await until('the command line can write to him', async () =>
    (await xmtp('send', '--target', identifier, '--message', 'hello from the command line').catch(() => '')).includes('Message sent successfully'));
  tell('sent');

  let dm;
  await until('he has the conversation', async () => {
    await bo.conversations.syncAll();
    [dm] = await bo.conversations.listDms();
    return dm !== undefined;
  });
  await hear(dm, 'hello from the command line');
  await dm.sendText('hello yourself');
  await until('the command line reads it', async () => {
    await xmtp('syncall');
    return (await xmtp('list', 'messages', '--conversation-id', dm.id)).includes('hello yourself');
  });
  const load = Array.from({ length: 4 }, (_, i) => `at once (${i})`);
  for (const text of load) await Promise.all([xmtp('send', '--target', identifier, '--message', text), dm.sendText(`${text} to you`)]);
  await until('all of both are there once', async () => {
    await dm.sync();
    const read = await texts(dm);
    return load.every((text) => [text, `${text} to you`].every((each) => read.filter((one) => one === each).length === 1));
  });
  assert.match(await xmtp('groups', 'create', '--type', 'group', '--name', 'made by a command', '--member-addresses', identifier), /Group created/);
  await until('he is in the group', async () => {
    await bo.conversations.syncAll();
    return (await bo.conversations.listGroups()).some((group) => group.name === 'made by a command');
  });
  rmSync(folder, { recursive: true });
});
