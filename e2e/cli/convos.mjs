// @xmtp/convos-cli: one makes a conversation and an invite, the other joins, and they read each other.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json, program } from '../lib/program.mjs';
import { run, tell, until } from '../lib/stage.mjs';

const gateway = process.argv[2];
const folders = ['alix', 'bo'].map((name) => mkdtempSync(join(tmpdir(), `convos-${name}-`)));
const [alix, bo] = folders.map((home) => {
  const convos = program('@xmtp/convos-cli/bin/run.js', { env: { CONVOS_HOME: home } });
  return (topic, command, ...args) => convos(topic, command, ...args, '--env', 'local', '--gateway-host', gateway, '--json');
});

run(async () => {
  const { conversationId: id } = json(await alix('conversations', 'create', '--name', 'made by a command', '--profile-name', 'Alix'));
  const invite = json(await alix('conversation', 'invite', id, '--no-qr'));
  tell('invited', { id });

  const joining = bo('conversations', 'join', invite.url, '--profile-name', 'Bo', '--timeout', '180');
  let hasJoined = false;
  joining.then(() => { hasJoined = true; }, () => { hasJoined = true; });
  await until('the request to join is answered', async () => {
    await alix('conversations', 'process-join-requests', '--conversation', id);
    return hasJoined;
  }, 240, 500);
  await joining;
  await alix('conversation', 'send-text', id, 'hello from the command line');
  await until('he reads it', async () => (await bo('conversation', 'messages', id, '--sync')).includes('hello from the command line'));
  await bo('conversation', 'send-text', id, 'hello yourself');
  await until('she reads it', async () => (await alix('conversation', 'messages', id, '--sync')).includes('hello yourself'));
  const load = Array.from({ length: 4 }, (_, i) => `at once (${i})`);
  for (const text of load) await Promise.all([alix, bo].map((one) => one('conversation', 'send-text', id, text)));
  for (const one of [alix, bo]) {
    await until('all of both are there once', async () => {
      const read = await one('conversation', 'messages', id, '--sync', '--limit', '50');
      return load.every((text) => read.split(text).length - 1 === 2);
    });
  }
  for (const folder of folders) rmSync(folder, { recursive: true });
});
