// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// Where the contracts are on a local chain. Code that is put at an address has no constructor to be told this.

address constant PARAMETER_REGISTRY = 0x7b48CF29e46904518eD6512Bcc65127575d57716;
address constant NODE_REGISTRY = 0xd19F631634Bdb0e31217Ee22139025B75Ce6EA5C;
address constant PAYER_REGISTRY = 0xB49a1142Bc0407EB0c406EfBb3e32fbC8daa9fCe;
address constant PAYER_REPORT_MANAGER = 0xbBFAc1B3083E66b574342D23edD39ADeE6f78f80;
address constant DISTRIBUTION_MANAGER = 0x9AD9d7F8589D7EBfcCDdda64F3da6e1a447680dB;
address constant FEE_TOKEN = 0xEab788E7Fa86E902a8191aCE37C12f8CBeB24162;
address constant UNDERLYING_FEE_TOKEN = 0x7038bc51F17055592A5e2099D058023BF0dBe2Eb;
address constant SETTLEMENT_CHAIN_GATEWAY = 0x6F3d6AB54ef11F375c2BB61DBaC3990DdE14583f;
address constant APP_CHAIN_GATEWAY = 0x82A7354cF88a527182277bD9c5f728f6CA8354Fd;

// The administrator of the real contracts on a local chain: Anvil's first account.
address constant ADMINISTRATOR = 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266;

// The account of this project's own tools: Anvil's tenth. The stand-ins take an administrator's calls from it too, so
// that the tools do not use up nonces of the first account.
address constant TOOLS = 0xa0Ee7A142d267C1f36714E4a8F75612F20a79720;
