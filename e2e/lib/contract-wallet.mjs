import { toBytes } from 'viem';

/** A signer for a contract wallet (ERC-1271) on the local chain. Its contract checks what its owner signed. */
export const contractWallet = (address, owner) => ({
  type: 'SCW',
  getIdentifier: () => ({ identifier: address.toLowerCase(), identifierKind: 0 }),
  getChainId: () => 31337n,
  signMessage: async (message) => toBytes(await owner.signMessage({ message })),
});
