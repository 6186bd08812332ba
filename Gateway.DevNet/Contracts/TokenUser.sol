// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FEE_TOKEN, UNDERLYING_FEE_TOKEN} from "./Addresses.sol";
import {FeeToken} from "./FeeToken.sol";
import {Token} from "./Token.sol";
import {UnderlyingFeeToken} from "./UnderlyingFeeToken.sol";

/// What a contract that keeps fee tokens does with tokens.
abstract contract TokenUser {
    address public constant feeToken = FEE_TOKEN;

    error TransferFromFailed();

    /// Takes the sender's stablecoins and makes them fee tokens of this contract. As in the real registry, the fee token is
    /// approved for nothing: it refuses with TransferFromFailed.
    function takeUnderlying(uint256 amount) internal {
        try Token(UNDERLYING_FEE_TOKEN).transferFrom(msg.sender, address(this), amount) returns (bool) {}
        catch {
            revert TransferFromFailed();
        }
        FeeToken(FEE_TOKEN).deposit(amount);
    }

    /// Uses the sender's permit. One that is refused, such as one that was used already, is no error: what counts is
    /// what is approved when the tokens are taken.
    function usePermit(address token, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) internal {
        try Token(token).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
    }

    /// Pays fee tokens. New ones are made where the contract has too few, since a stand-in's balances need no tokens
    /// behind them.
    function pay(address recipient, uint256 amount, bool asUnderlying) internal {
        uint256 have = Token(FEE_TOKEN).balanceOf(address(this));
        if (have < amount) {
            UnderlyingFeeToken(UNDERLYING_FEE_TOKEN).mint(address(this), amount - have);
            wrap(amount - have);
        }
        if (asUnderlying) FeeToken(FEE_TOKEN).withdrawTo(recipient, amount);
        else Token(FEE_TOKEN).transfer(recipient, amount);
    }

    function wrap(uint256 amount) private {
        Token(UNDERLYING_FEE_TOKEN).approve(FEE_TOKEN, amount);
        FeeToken(FEE_TOKEN).deposit(amount);
    }
}
