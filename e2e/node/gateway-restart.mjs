// The gateway stops, and later comes back: what is sent meanwhile fails, the log says why, and nothing is doubled.
import assert from 'node:assert/strict';
import { ask, failure, run, tell, until } from '../lib/stage.mjs';
import { hear, listen, send, talk, texts } from '../lib/users.mjs';

run(async () => {
  const { alix, bo, hers, his } = await talk();
  const { heard } = await listen(his);
  await send(hers, 'before');
  await ask('stop');
  const error = await failure(() => hers.sendText('meanwhile'));
  const groupError = await failure(() => alix.conversations.createGroup([bo.inboxId]));
  await ask('start', { error, groupError });
  // What could not be sent stays with the app, which sends it again.
  await until('it is sent', async () => (await failure(() => hers.sendText('meanwhile, again'))) === null);
  await send(hers, 'after');
  await until('he hears all', () => heard.includes('after'));
  await hear(his, 'after');
  tell('heard', { heard });
  const once = (said) => said.filter((text) => text !== 'meanwhile');
  assert.deepEqual(once(heard), ['before', 'meanwhile, again', 'after']);
  assert.deepEqual(once(await texts(his)), ['hello', 'before', 'meanwhile, again', 'after']);
  assert.ok(heard.filter((text) => text === 'meanwhile').length <= 1);
  const group = await alix.conversations.createGroup([bo.inboxId]);
  await send(group, 'a new one');
});
