// How many members one call adds: a commit has to fit into one transaction of the App Chain.
import { inboxes, known, register } from '../lib/crowd.mjs';
import { failure, run, tell } from '../lib/stage.mjs';
import { findConversation, hear, send } from '../lib/users.mjs';

const [fit, tooMany] = [110, [115, 150]];

run(async () => {
  const [owner, ...members] = await register(Math.max(...tooMany) + 1);
  await known(owner, members);
  const create = (count) => owner.conversations.createGroup(inboxes(members.slice(0, count)), { groupName: `${count} at once` });
  const group = await create(fit);
  await send(group, 'all of you');
  for (const member of [members[0], members[fit - 1]]) await hear(await findConversation(member, group.id), 'all of you');
  for (const count of tooMany) tell('refused', { count, error: await failure(() => create(count)) });
});
