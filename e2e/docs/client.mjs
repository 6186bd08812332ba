import { Client } from '@xmtp/node-sdk';
import { toBytes } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';

const account = privateKeyToAccount(generatePrivateKey());
const signer = {
  type: 'EOA',
  getIdentifier: () => ({ identifier: account.address.toLowerCase(), identifierKind: 0 }),
  signMessage: async (message) => toBytes(await account.signMessage({ message })),
};
const gatewayHost = process.env.XMTP_GATEWAY_HOST ?? 'http://localhost:5050';
const client = await Client.create(signer, { env: 'local', gatewayHost, dbPath: null });
const group = await client.conversations.createGroup([], { groupName: 'notes to myself' });
await group.sendText('hello');
console.log(client.inboxId, group.id);
process.exit(0);
