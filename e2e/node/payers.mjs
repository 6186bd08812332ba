// Two users of one payer, each with a token. Each writes into a group of its own, which the other reads, and renames it, again
// and again, while the test changes who pays. The test says what is waited for: 'more' is published, 'refused' is everything, or
// 'end'. At the end the reader has each text and name that was published, once.
import assert from 'node:assert/strict';
import { AuthCallback, BackendBuilder, XmtpEnv } from '@xmtp/node-bindings';
import { Client } from '@xmtp/node-sdk';
import { ask, failure, run, tell, until } from '../lib/stage.mjs';
import { findConversation, gateway, meet, newUser, options, texts } from '../lib/users.mjs';

// With 'late' nobody pays at first.
const [tokens, late] = [JSON.parse(process.argv[3]), process.argv[4] === 'late'];
const { env, apiUrl, gatewayHost, ...own } = options;
const [Minute, Hour] = [60, 3600];
const [TextsPerName, More] = [2, 3];
const Kinds = ['text', 'name'];

const enterWith = async (user, token) => {
  const builder = new BackendBuilder(XmtpEnv.Local);
  builder.setGatewayHost(gateway);
  builder.authCallback(new AuthCallback(async () => ({ value: `Bearer ${token}`, expiresAtSeconds: Math.floor(Date.now() / 1000) + Hour })));
  return Client.create(user, { ...own, backend: await builder.build() });
};

const register = async (token) => {
  const user = newUser();
  if (!late) return enterWith(user, token);
  let client;
  await until('somebody pays', async () => (await failure(async () => { client = await enterWith(user, token); })) === null, 5 * Minute, 500);
  return client;
};

/** The SDK stopped waiting: its log says whether that was a refusal. */
const isUnknown = (error) => /SyncFailedToWait|failed to wait for intent/i.test(error);

const renames = async (group) => (await group.messages()).flatMap(({ content }) => content?.metadataFieldChanges ?? []).map((change) => change.newValue);

/** Publishes texts and names until it is stopped. The reader follows: nobody can read a text after many more changes of the group. */
const write = (client, group, view) => {
  const attempts = { text: [], name: [] };
  let stopped = false;
  const attempt = async (kind, value, action) => {
    const began = performance.now();
    const error = await failure(action);
    attempts[kind].push({ value, error, began });
    if (error !== null) await new Promise((resolve) => setTimeout(resolve, 250));
  };
  const ended = (async () => {
    for (let round = 0; !stopped; round++) {
      for (let i = 0; i < TextsPerName; i++) await attempt('text', `text ${round}.${i}`, () => group.sendText(`text ${round}.${i}`));
      await attempt('name', `name ${round}`, () => group.updateName(`name ${round}`));
      await failure(() => view.sync());
    }
  })();
  const published = (kind) => attempts[kind].filter(({ error }) => error === null).map(({ value }) => value);
  const stop = () => { stopped = true; return ended; };
  return { client, group, view, attempts, published, stop };
};

const refusals = (writers) => writers.flatMap(({ attempts }) => Object.values(attempts).flat())
  .filter(({ error }) => error !== null && !isUnknown(error)).length;

const more = async (writers) => {
  const before = writers.map(({ published }) => Kinds.map((kind) => published(kind).length));
  const isMore = ({ published }, i) => Kinds.every((kind, k) => published(kind).length >= before[i][k] + More);
  await until('each publishes more', () => writers.every(isMore), 8 * Minute);
  tell('published', { refusals: refusals(writers) });
};

const refused = async (writers) => {
  const begin = performance.now();
  const isRefused = (last) => last?.began > begin && last.error !== null;
  await until('each is refused', () => writers.every(({ attempts }) => Kinds.every((kind) => isRefused(attempts[kind].at(-1)))), 8 * Minute);
  tell('refused', { refusals: refusals(writers) });
};

/** What was published is at the reader once, and all else at most once. */
const check = async ({ view, attempts, published }) => {
  for (const [kind, read] of [['text', texts], ['name', renames]]) {
    const tried = new Set(attempts[kind].map(({ value }) => value));
    const arrived = async () => (await read(view)).filter((value) => tried.has(value));
    let missing = published(kind);
    const late = await failure(() => until(`each ${kind} arrives`, async () => {
      await view.sync();
      const there = new Set(await arrived());
      missing = missing.filter((value) => !there.has(value));
      return missing.length === 0;
    }, 3 * Minute, 200));
    assert.equal(late, null, `${late}: ${missing}`);
    const there = await arrived();
    assert.deepEqual([...new Set(there)], there);
  }
};

run(async () => {
  if (late) await ask('unpaid', { error: await failure(() => enterWith(newUser(), tokens[0])) });
  const clients = await Promise.all(tokens.map(register));
  const pairs = [clients, [...clients].reverse()];
  await Promise.all(pairs.map(([one, other]) => meet(one, other)));
  const writers = await Promise.all(pairs.map(async ([one, other]) => {
    const group = await one.conversations.createGroup([other.inboxId], { groupName: 'new' });
    return write(one, group, await findConversation(other, group.id));
  }));
  for (let said = await ask('writing'); said !== 'end'; said = await ask('waiting')) await (said === 'refused' ? refused(writers) : more(writers));

  await Promise.all(writers.map(({ stop }) => stop()));
  for (const writer of writers) await check(writer);
  tell('read', {
    refusals: refusals(writers),
    clients: writers.map(({ client, group, published }) => ({
      inbox: client.inboxId,
      installation: client.installationId,
      group: group.id,
      texts: published('text').length,
      names: published('name').length,
    })),
  });
});
