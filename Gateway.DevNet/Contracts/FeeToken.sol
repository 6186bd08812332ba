// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ADMINISTRATOR, TOOLS, UNDERLYING_FEE_TOKEN} from "./Addresses.sol";
import {Token} from "./Token.sol";

/// Stand-in for the token in which the network counts fees: one for each unit of the stablecoin that it was given.
contract FeeToken is Token {
    string public constant contractName = "FeeToken";
    string public constant version = "1.0.0";
    string public constant symbol = "xUSD";
    address public constant underlying = UNDERLYING_FEE_TOKEN;

    error TransferFromFailed();
    error ZeroAmount();
    error ZeroRecipient();

    function deposit(uint256 amount) external {
        wrap(msg.sender, amount);
    }

    function depositWithPermit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        usePermit(amount, deadline, v, r, s);
        wrap(msg.sender, amount);
    }

    function depositFor(address recipient, uint256 amount) external returns (bool) {
        wrap(recipient, amount);
        return true;
    }

    function depositForWithPermit(address recipient, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        returns (bool)
    {
        usePermit(amount, deadline, v, r, s);
        wrap(recipient, amount);
        return true;
    }

    function withdraw(uint256 amount) external {
        unwrap(msg.sender, amount);
    }

    function withdrawTo(address recipient, uint256 amount) external returns (bool) {
        unwrap(recipient, amount);
        return true;
    }

    /// Stand-in: fee tokens without stablecoins behind them.
    function mint(address to, uint256 amount) external {
        if (msg.sender != ADMINISTRATOR && msg.sender != TOOLS) revert NotAdmin();
        make(to, amount);
    }

    function usePermit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) private {
        try Token(underlying).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
    }

    function wrap(address recipient, uint256 amount) private {
        if (amount == 0) revert ZeroAmount();
        if (recipient == address(0)) revert ZeroRecipient();
        try Token(underlying).transferFrom(msg.sender, address(this), amount) returns (bool) {}
        catch {
            revert TransferFromFailed();
        }
        make(recipient, amount);
    }

    function unwrap(address recipient, uint256 amount) private {
        if (amount == 0) revert ZeroAmount();
        if (recipient == address(0)) revert ZeroRecipient();
        burn(msg.sender, amount);
        Token(underlying).transfer(recipient, amount);
    }

    function family() internal pure override returns (string memory) {
        return "feeToken";
    }

    function domainName() internal pure override returns (string memory) {
        return "XMTP USD Fee Token";
    }
}
