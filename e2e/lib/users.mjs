// Users with a wallet of their own, and clients of the SDK as an app makes them.
import { Client } from '@xmtp/node-sdk';
import { toBytes } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { until } from './stage.mjs';

export const gateway = process.argv[2];

const Ethereum = 0;

export const newUser = () => {
  const account = privateKeyToAccount(generatePrivateKey());
  const identifier = { identifier: account.address.toLowerCase(), identifierKind: Ethereum };
  return {
    type: 'EOA',
    identifier,
    getIdentifier: () => identifier,
    signMessage: async (message) => toBytes(await account.signMessage({ message })),
  };
};

export const options = {
  env: 'local',
  apiUrl: gateway,
  gatewayHost: gateway,
  dbPath: null,
  historySyncUrl: null,
  disableDeviceSync: true,
  // What a call failed for is often in the log alone.
  loggingLevel: process.env.SDK_LOG ?? 'Warn',
};

/** A client of a user; registers it the first time. */
export const enter = (user, more = {}) => Client.create(user, { ...options, ...more });

/**
 * Waits until one client can write to another. Clients read from nodes, and what one node has is at the others a moment
 * later: an app sees the same.
 */
export const meet = (client, other) => until('the one is known to the other', async () => {
  try {
    const { identifier } = other.accountIdentifier;
    const known = (await client.canMessage([other.accountIdentifier])).get(identifier);
    return known && (await client.fetchKeyPackageStatuses([other.installationId]))[other.installationId]?.lifetime !== undefined;
  } catch {
    return false;
  }
});

/** Waits until a client has a conversation, and returns its view of it. */
export const findConversation = async (client, id) => {
  let view;
  await until('the conversation is there', async () => {
    await client.conversations.sync();
    view = await client.conversations.getConversationById(id);
    return view !== undefined;
  });
  return view;
};

/** Two users with a conversation, each with its own view of it. */
export const talk = async () => {
  const [alix, bo] = await Promise.all([enter(newUser()), enter(newUser())]);
  await meet(alix, bo);
  const hers = await alix.conversations.createDm(bo.inboxId);
  await send(hers, 'hello');
  const his = await findConversation(bo, hers.id);
  await hear(his, 'hello');
  return { alix, bo, hers, his };
};

const Published = 1;

/**
 * Sends a text once. Where many commit at once or a node is late, the SDK stops waiting after a few attempts and fails; the
 * text stays with it, and is published by a later attempt, as an app makes it.
 */
export const send = async (conversation, text) => {
  if (await isDone(() => conversation.sendText(text))) return;
  await until(`'${text}' is published`, async () => {
    if (!(await isDone(() => conversation.publishMessages()))) return false;
    return (await conversation.messages()).some((message) => message.content === text && message.deliveryStatus === Published);
  });
};

/** False where the SDK only stopped waiting. */
const isDone = async (action) => {
  try {
    await action();
    return true;
  } catch (error) {
    if (!/SyncFailedToWait|failed to wait for intent/i.test(error.message)) throw error;
    return false;
  }
};

/** Waits until a text is in a conversation. */
export const hear = (conversation, text) => until(`'${text}' arrives`, async () => {
  await conversation.sync();
  return (await texts(conversation)).includes(text);
});

/** The texts of a conversation, as far as this client has them. */
export const texts = async (conversation) => (await conversation.messages()).map((message) => message.content).filter((content) => typeof content === 'string');

/** Keeps what a conversation's stream brings. */
export const listen = async (conversation, more = {}) => {
  const heard = [];
  const stream = await conversation.stream({ onValue: (message) => typeof message.content === 'string' && heard.push(message.content), retryDelay: 200, retryAttempts: 100, ...more });
  return { heard, stream };
};
