// Two users find each other, write both ways, and stream; a group comes, grows, shrinks and gets a name.
import assert from 'node:assert/strict';
import { run, tell, until } from '../lib/stage.mjs';
import { enter, findConversation, hear, listen, meet, newUser, send, texts } from '../lib/users.mjs';

const Messages = 50;

run(async () => {
  const users = [newUser(), newUser(), newUser()];
  const [alix, bo, caro] = await Promise.all(users.map((user) => enter(user)));
  tell('registered', { inboxes: [alix, bo, caro].map((client) => client.inboxId) });

  await Promise.all([meet(alix, bo), meet(alix, caro), meet(bo, alix)]);
  const stranger = newUser().identifier;
  const found = await alix.canMessage([users[1].identifier, stranger]);
  assert.deepEqual([users[1].identifier, stranger].map(({ identifier }) => found.get(identifier)), [true, false]);
  assert.equal(await alix.fetchInboxIdByIdentifier(users[1].identifier), bo.inboxId);

  const hers = await alix.conversations.createDm(bo.inboxId);
  await send(hers, 'hello');
  const his = await findConversation(bo, hers.id);
  await hear(his, 'hello');

  const [ears, hisEars] = [await listen(hers), await listen(his)];
  await send(his, 'hello yourself');
  await until('she hears him', () => ears.heard.includes('hello yourself'));
  const sent = Array.from({ length: Messages }, (_, i) => `message ${i}`);
  for (const text of sent) await send(hers, text);
  await until('he hears all', () => hisEars.heard.filter((text) => text.startsWith('message')).length >= Messages);
  assert.deepEqual(hisEars.heard.filter((text) => text.startsWith('message')), sent);
  await hear(his, sent.at(-1));
  assert.deepEqual((await texts(his)).slice(-Messages), sent);
  tell('talked', { messages: Messages });

  const group = await alix.conversations.createGroup([bo.inboxId], { groupName: 'two of us' });
  await group.addMembers([caro.inboxId]);
  await group.updateName('three of us');
  await send(group, 'to all');
  const views = await Promise.all([bo, caro].map((client) => findConversation(client, group.id)));
  for (const view of views) {
    await hear(view, 'to all');
    assert.equal(view.name, 'three of us');
    assert.equal((await view.members()).length, 3);
  }

  await group.removeMembers([caro.inboxId]);
  await until('she is out', async () => { await views[1].sync(); return !views[1].isActive; });
  await until('he sees it', async () => { await views[0].sync(); return (await views[0].members()).length === 2; });
  await send(views[0], 'she left');
  await hear(group, 'she left');
  tell('grouped', { group: group.id });
});
