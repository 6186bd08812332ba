// The load of a chat app: users in groups who all write at once, one large group whose members come in chunks, and a name
// that many change at once. Reports what each step took. With agents the clients are those of the agent SDK.
import assert from 'node:assert/strict';
import { enterAsAgent } from '../lib/agents.mjs';
import { each, inboxes, known, register } from '../lib/crowd.mjs';
import { createLargeGroup } from '../lib/large-group.mjs';
import { run, tell, until } from '../lib/stage.mjs';
import { enter, findConversation, hear, send, texts } from '../lib/users.mjs';

const sizes = { users: 20, groups: 5, messages: 200, members: 250, chunk: 100, renames: 50, agents: false, ...JSON.parse(process.argv[3] ?? '{}') };
const create = sizes.agents ? enterAsAgent : enter;
const Minute = 60;

const timed = async (step, count, action) => {
  const begin = performance.now();
  const result = await action();
  tell('measured', { name: step, count, seconds: (performance.now() - begin) / 1000 });
  return result;
};

const grouped = async (clients) => {
  const groups = await each(Array.from({ length: sizes.groups }), async (_, i) => {
    const owner = clients[i % clients.length];
    await known(owner, clients.filter((client) => client !== owner));
    return owner.conversations.createGroup(inboxes(clients.filter((client) => client !== owner)), { groupName: `group ${i}` });
  });
  return each(clients, (client) => each(groups, (group) => findConversation(client, group.id)));
};

/** Every message is in every view of its group, once. */
const arrived = async (views, sent) => each(views, async (groups, user) => {
  for (const [g, group] of groups.entries()) {
    await until(`user ${user} has all of group ${g}`, async () => {
      await group.sync();
      return (await texts(group)).filter((text) => text.startsWith('load')).length >= sent[g].length;
    }, 3 * Minute, 200);
    assert.deepEqual((await texts(group)).filter((text) => text.startsWith('load')).sort(), [...sent[g]].sort());
  }
});

/** Each member's first message in a group commits a key update. They come one after the other, as people do. */
const introduce = (views) => each(Array.from({ length: sizes.groups }), async (_, g) => {
  for (const [user, groups] of views.entries()) {
    await groups[g].sync();
    await send(groups[g], `user ${user} is here`);
  }
});

const writeAtOnce = async (views) => {
  const sent = Array.from({ length: sizes.groups }, () => []);
  const sends = Array.from({ length: sizes.messages }, (_, i) => {
    const [group, user] = [i % sizes.groups, i % views.length];
    sent[group].push(`load ${i}`);
    return { view: views[user][group], text: `load ${i}` };
  });
  await timed('messages sent at once', sends.length, () => Promise.all(sends.map(({ view, text }) => send(view, text))));
  await timed('messages at every member', sends.length * views.length, () => arrived(views, sent));
};

const largeGroup = async (owner) => {
  const members = await timed('members registered', sizes.members - 1, () => register(sizes.members - 1, create));
  await known(owner, members);
  const group = await timed('members added in chunks', members.length, async () => {
    const made = await createLargeGroup(owner, inboxes(members), { groupName: 'everybody' }, sizes.chunk);
    await send(made, 'welcome, everybody');
    return made;
  });
  await timed('members who read it', members.length, () => each(members, async (member) => hear(await findConversation(member, group.id), 'welcome, everybody')));
  assert.equal((await group.members()).length, sizes.members);
};

/** Changes of one name by many at once: some calls may fail, and everybody ends with the same name and goes on. */
const renameAtOnce = async (views) => {
  const group = views.map((groups) => groups[0]);
  const ends = await timed('renames at once', sizes.renames, () => Promise.allSettled(
    Array.from({ length: sizes.renames }, (_, i) => group[i % group.length].updateName(`name ${i}`))));
  const failed = ends.filter((end) => end.status === 'rejected').map((end) => end.reason.message);
  tell('renamed', { failed });
  assert.ok(failed.length < sizes.renames, failed[0]);
  await timed('views that agree', group.length, () => until('all have one name', async () => {
    await each(group, (view) => view.sync());
    return new Set(group.map((view) => view.name)).size === 1;
  }, 3 * Minute, 200));
  await send(group[0], 'after the renames');
  await each(group, (view) => hear(view, 'after the renames'));
};

run(async () => {
  const clients = await timed('users registered', sizes.users, () => register(sizes.users, create));
  const views = await timed('groups at every member', sizes.groups * sizes.users, () => grouped(clients));
  await timed('first messages', sizes.groups * sizes.users, () => introduce(views));
  if (sizes.messages > 0) await writeAtOnce(views);
  if (sizes.renames > 0) await renameAtOnce(views);
  if (sizes.members > 0) await largeGroup(clients[0]);
});
