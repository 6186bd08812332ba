// The node that a client reads from goes away. A client stays with its node: its stream fails, and goes on once the node
// is back. A client that is made anew takes another node at once.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, failure, run, tell, until } from '../lib/stage.mjs';
import { enter, findConversation, hear, listen, meet, newUser, send, talk } from '../lib/users.mjs';

const waits = async () => {
  const { hers, his, bo } = await talk();
  const events = [];
  const { heard, stream } = await listen(his, { onFail: () => events.push('failed'), onRestart: () => events.push('restarted') });
  await send(hers, 'one');
  await until('he hears her', () => heard.includes('one'));

  await ask('kill');
  await until('his stream fails', () => events.includes('failed'));
  tell('cut', { error: await failure(() => bo.canMessage([newUser().identifier])) });

  await ask('back');
  await until('his stream is restarted', () => events.includes('restarted'));
  let said = 0;
  await until('he hears her again', async () => {
    await failure(() => hers.sendText(`again ${said++}`));
    await new Promise((resolve) => setTimeout(resolve, 500));
    return heard.some((text) => text.startsWith('again'));
  });
  await stream.end();
};

const moves = async (folder) => {
  const [user, dbPath] = [newUser(), join(folder, 'bo.db3')];
  const [alix, bo] = [await enter(newUser()), await enter(user, { dbPath })];
  await meet(alix, bo);
  const hers = await alix.conversations.createDm(bo.inboxId);
  await send(hers, 'hello');
  const his = await findConversation(bo, hers.id);
  await hear(his, 'hello');
  const events = [];
  const { stream } = await listen(his, { onFail: () => events.push('failed'), retryOnFail: false });
  await ask('kill');
  await until('his stream fails', () => events.includes('failed'));
  await stream.end();

  // What the app does as it starts again: a new client over the same database.
  const again = await enter(user, { dbPath });
  const sender = await enter(newUser());
  await meet(sender, again);
  const other = await sender.conversations.createDm(again.inboxId);
  await send(other, 'hello to you');
  const view = await findConversation(again, other.id);
  await hear(view, 'hello to you');
  await send(view, 'from another node');
  await hear(other, 'from another node');
  await ask('back');
};

run(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sdk-'));
  try {
    await waits();
    await moves(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
