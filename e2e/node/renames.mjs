// Messages among changes of a group's name, all within seconds: whoever reads them later has all of them, in order. With
// 'agents' behind the gateway, the clients are those of the agent SDK.
import assert from 'node:assert/strict';
import { enterAsAgent } from '../lib/agents.mjs';
import { run, until } from '../lib/stage.mjs';
import { enter, findConversation, hear, meet, newUser, send, texts } from '../lib/users.mjs';

const Rounds = 8;
const create = process.argv[3] === 'agents' ? enterAsAgent : enter;

run(async () => {
  const [alix, bo] = await Promise.all([create(newUser()), create(newUser())]);
  await meet(alix, bo);
  const group = await alix.conversations.createGroup([bo.inboxId], { groupName: 'name' });
  await send(group, 'begin');
  const view = await findConversation(bo, group.id);
  await hear(view, 'begin');

  const sent = Array.from({ length: Rounds }, (_, i) => `text ${i}`);
  for (const [i, text] of sent.entries()) {
    await send(group, text);
    await group.updateName(`name ${i}`);
  }

  const arrived = async () => (await texts(view)).filter((text) => text.startsWith('text'));
  await until('all messages arrive', async () => { await view.sync(); return (await arrived()).length === Rounds; });
  assert.deepEqual(await arrived(), sent);
  assert.equal(view.name, `name ${Rounds - 1}`);
});
