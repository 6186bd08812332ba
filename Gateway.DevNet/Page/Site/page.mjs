// Two users of the browser SDK with one conversation, and what the network made of each message.
import { Client, createEOASigner } from '@xmtp/browser-sdk';

const network = await (await fetch('/network.json')).json();
const $ = (selector) => document.querySelector(selector);
const users = [{ name: 'Alix', pane: $('#alix') }, { name: 'Bo', pane: $('#bo') }];
const taken = new Set();
let envelopes = [];

const status = (text) => { $('#status').textContent = text; };
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const until = async (isTrue) => {
  for (let tries = 0; !(await isTrue()); tries++) {
    if (tries === 200) throw new Error('the network did not come to it');
    await pause(100);
  }
};

const enter = async (user) => {
  user.signer = createEOASigner();
  user.client = await Client.create(user.signer, {
    env: 'local', apiUrl: network.gateway, gatewayHost: network.gateway, dbPath: null, disableDeviceSync: true,
  });
  user.pane.querySelector('.who').textContent = `${user.name} · inbox ${user.client.inboxId.slice(0, 8)}…`;
};

const show = (user, text, mine) => {
  const line = document.createElement('p');
  line.className = mine ? 'mine' : 'theirs';
  line.append(Object.assign(document.createElement('span'), { textContent: text }));
  user.pane.querySelector('.messages').append(line);
  line.scrollIntoView({ block: 'nearest' });
  return line;
};

// The envelope of a message that was just sent: the first of its conversation that no message has yet.
const findEnvelope = async (conversation) => {
  let found;
  await until(async () => {
    await refresh();
    found = envelopes.find((envelope) => envelope.kind === 'message' && envelope.identifier === conversation.id && !taken.has(envelope.key));
    if (found) taken.add(found.key);
    return found;
  });
  return found;
};

const send = async (user, text) => {
  const line = show(user, text, true);
  await user.conversation.sendText(text);
  const { where, cost } = await findEnvelope(user.conversation);
  line.append(Object.assign(document.createElement('small'), { textContent: `${where} · ${cost}` }));
};

const listen = async (user) => {
  const stream = await user.conversation.stream();
  for await (const message of stream)
    if (message.senderInboxId !== user.client.inboxId && typeof message.content === 'string') show(user, message.content, false);
};

const refresh = async () => {
  envelopes = await (await fetch('/envelopes.json')).json();
  $('#count').textContent = envelopes.length;
  $('#envelopes').replaceChildren(...envelopes.slice(-100).reverse().map((envelope) => {
    const row = document.createElement('tr');
    for (const cell of ['time', 'kind', 'where', 'bytes', 'cost']) row.insertCell().textContent = envelope[cell];
    return row;
  }));
};

try {
  status('registering two users…');
  for (const user of users) await enter(user);
  const [alix, bo] = users;
  status('opening a conversation…');
  const identifier = await bo.signer.getIdentifier();
  await until(async () => (await alix.client.canMessage([identifier])).get(identifier.identifier));
  await until(async () => (alix.conversation = await alix.client.conversations.createDm(bo.client.inboxId).catch(() => null)));
  await alix.conversation.sendText('Hello!');
  await until(async () => {
    await bo.client.conversations.sync();
    bo.conversation = await bo.client.conversations.getConversationById(alix.conversation.id);
    return bo.conversation;
  });
  for (const user of users) {
    listen(user).catch((error) => status(error.message));
    const form = user.pane.querySelector('form');
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const { text } = form.elements;
      if (text.value) send(user, text.value).catch((error) => status(error.message));
      text.value = '';
    });
    form.querySelectorAll('input, button').forEach((element) => { element.disabled = false; });
  }

  const line = show(alix, 'Hello!', true);
  const { where, cost } = await findEnvelope(alix.conversation);
  line.append(Object.assign(document.createElement('small'), { textContent: `${where} · ${cost}` }));
  await bo.conversation.sync();
  for (const message of await bo.conversation.messages()) if (typeof message.content === 'string') show(bo, message.content, false);
  status('ready: write something');
  document.body.dataset.state = 'ready';
  setInterval(() => refresh().catch(() => {}), 1000);
} catch (error) {
  status(`it failed: ${error?.message ?? error}`);
  document.body.dataset.state = 'failed';
}
