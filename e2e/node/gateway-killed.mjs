// The gateway is killed while groups are made: each is there whole in the end, or can be made again.
import { ask, failure, run, tell, until } from '../lib/stage.mjs';
import { findConversation, hear, talk } from '../lib/users.mjs';

run(async () => {
  const { alix, bo, hers, his } = await talk();
  const making = Promise.all(Array.from({ length: 12 }, (_, i) => failure(() => alix.conversations.createGroup([bo.inboxId], { groupName: `group ${i}` }))));
  await ask('kill');
  const errors = (await making).filter((error) => error !== null);
  tell('cut', { errors: [...new Set(errors)], cut: errors.length });
  await until('the conversation goes on', async () => (await failure(() => hers.sendText('still here'))) === null);
  await hear(his, 'still here');

  await until('every group works', async () => (await failure(async () => {
    await alix.conversations.sync();
    for (const group of await alix.conversations.listGroups()) {
      await group.addMembers([bo.inboxId]);
      await group.sendText('all here');
    }
  })) === null);
  const groups = await alix.conversations.listGroups();
  for (const group of groups) await hear(await findConversation(bo, group.id), 'all here');
  tell('whole', { groups: groups.length });
});
