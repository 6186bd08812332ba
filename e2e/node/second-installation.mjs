// A user comes with a second installation, which gets the conversations and what is said in them from then on.
import assert from 'node:assert/strict';
import { run, until } from '../lib/stage.mjs';
import { enter, findConversation, hear, meet, newUser, send, texts } from '../lib/users.mjs';

run(async () => {
  const user = newUser();
  const [alix, first] = await Promise.all([enter(newUser()), enter(user)]);
  await meet(alix, first);
  const group = await alix.conversations.createGroup([first.inboxId], { groupName: 'devices' });
  await send(group, 'before');
  const other = await findConversation(first, group.id);
  await hear(other, 'before');

  const second = await enter(user);
  assert.equal(second.inboxId, first.inboxId);
  assert.notEqual(second.installationId, first.installationId);
  await until('both are in the inbox', async () => (await second.preferences.fetchInboxState()).installations.length === 2);

  // Whoever writes adds the installations that are new, looking for them every few seconds.
  let said = 0;
  await until('the second installation is added', async () => {
    await send(group, `after ${said++}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await second.conversations.sync();
    return (await second.conversations.list()).length === 1;
  });
  const view = await findConversation(second, group.id);
  await send(group, 'to both');
  await hear(view, 'to both');
  await send(view, 'from the second');
  await hear(other, 'from the second');
  assert.ok((await texts(other)).includes('before'));
});
