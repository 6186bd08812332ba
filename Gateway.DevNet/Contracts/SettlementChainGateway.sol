// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {APP_CHAIN_GATEWAY, FEE_TOKEN} from "./Addresses.sol";
import {Pausable} from "./Pausable.sol";
import {Token} from "./Token.sol";

/// Stand-in for the settlement chain's end of the bridge. A local chain is both chains, and its gateway knows no other
/// one: it refuses what would be sent there, as the real one does on a local chain.
contract SettlementChainGateway is Pausable {
    string public constant contractName = "SettlementChainGateway";
    string public constant version = "1.0.0";
    string public constant inboxParameterKey = "xmtp.settlementChainGateway.inbox";
    address public constant appChainGateway = APP_CHAIN_GATEWAY;
    address public constant feeToken = FEE_TOKEN;

    event WithdrawalReceived(address indexed recipient, uint256 amount);

    error UnsupportedChainId(uint256 chainId);
    error NoChainIds();
    error NoKeys();

    function deposit(uint256 chainId, address, uint256, uint256, uint256) external view whenNotPaused {
        getInbox(chainId);
    }

    function depositFromUnderlying(uint256 chainId, address, uint256, uint256, uint256) external view whenNotPaused {
        getInbox(chainId);
    }

    function sendParameters(uint256[] calldata chainIds, string[] calldata keys, uint256, uint256, uint256)
        external
        view
        whenNotPaused
        returns (uint256)
    {
        if (chainIds.length == 0) revert NoChainIds();
        if (keys.length == 0) revert NoKeys();
        getInbox(chainIds[0]);
    }

    /// Pays out what tokens the contract has.
    function receiveWithdrawal(address recipient) external returns (uint256 amount) {
        amount = Token(FEE_TOKEN).balanceOf(address(this));
        emit WithdrawalReceived(recipient, amount);
        Token(FEE_TOKEN).transfer(recipient, amount);
    }

    function calculateMaxDepositFee(uint256 chainId, uint256, uint256, uint256) external pure returns (uint256) {
        getInbox(chainId);
    }

    function getInbox(uint256 chainId) public pure returns (address) {
        revert UnsupportedChainId(chainId);
    }

    /// The sender that this contract has on the App Chain.
    function appChainAlias() external view returns (address) {
        unchecked {
            return address(uint160(address(this)) + uint160(0x1111000000000000000000000000000000001111));
        }
    }

    function family() internal pure override returns (string memory) {
        return "settlementChainGateway";
    }
}
