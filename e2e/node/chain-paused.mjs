// The App Chain's contracts are paused: groups and identities wait, messages do not.
import { ask, failure, run, until } from '../lib/stage.mjs';
import { enter, hear, newUser, send, talk } from '../lib/users.mjs';

run(async () => {
  const { alix, bo, hers, his } = await talk();
  await ask('pause');
  await send(hers, 'messages go on');
  await hear(his, 'messages go on');
  const group = await failure(() => alix.conversations.createGroup([bo.inboxId]));
  const identity = await failure(() => enter(newUser()));
  await ask('resume', { group, identity });
  await until('groups are made again', async () => (await failure(() => alix.conversations.createGroup([bo.inboxId]))) === null);
  await enter(newUser());
});
