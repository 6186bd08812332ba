// A user whose wallet is a contract registers, is found, writes and is heard.
import { concat, createTestClient, http, pad, publicActions, walletActions } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { foundry } from 'viem/chains';
import { contractWallet } from '../lib/contract-wallet.mjs';
import { run, tell } from '../lib/stage.mjs';
import { enter, findConversation, hear, meet, newUser, send } from '../lib/users.mjs';

const chainUrl = process.argv[3];

// A contract that answers every call with the magic value of isValidSignature, and the code that deploys it.
const wallet = concat(['0x7f', pad('0x1626ba7e', { dir: 'right', size: 32 }), '0x5f5260205ff3']);
const deployment = concat(['0x60', `0x${((wallet.length - 2) / 2).toString(16)}`, '0x8060095f395ff3', wallet]);

run(async () => {
  process.env.ANVIL_URL = chainUrl;
  const owner = privateKeyToAccount(generatePrivateKey());
  const chain = createTestClient({ mode: 'anvil', account: owner, chain: foundry, transport: http(chainUrl) }).extend(publicActions).extend(walletActions);
  await chain.setBalance({ address: owner.address, value: 10n ** 18n });
  const receipt = await chain.waitForTransactionReceipt({ hash: await chain.sendTransaction({ data: deployment }) });
  tell('deployed', { address: receipt.contractAddress });

  const [alix, bo] = await Promise.all([enter(contractWallet(receipt.contractAddress, owner)), enter(newUser())]);
  await meet(bo, alix);
  const his = await bo.conversations.createDm(alix.inboxId);
  await send(his, 'hello, contract');
  const hers = await findConversation(alix, his.id);
  await hear(hers, 'hello, contract');
  await send(hers, 'hello yourself');
  await hear(his, 'hello yourself');
});
