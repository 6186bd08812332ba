// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Several calls in one, and balances as calls: what this project uses of the contract that most chains have at this address.
contract Multicall3 {
    struct Request {
        address target;
        bool mayFail;
        bytes data;
    }

    struct Outcome {
        bool hasWorked;
        bytes data;
    }

    error CallFailed(uint256 place);

    function aggregate3(Request[] calldata requests) external payable returns (Outcome[] memory outcomes) {
        outcomes = new Outcome[](requests.length);
        for (uint256 place = 0; place < requests.length; ++place) {
            Request calldata request = requests[place];
            Outcome memory outcome = outcomes[place];
            (outcome.hasWorked, outcome.data) = request.target.call(request.data);
            if (!outcome.hasWorked && !request.mayFail) revert CallFailed(place);
        }
    }

    function getEthBalance(address account) external view returns (uint256) {
        return account.balance;
    }
}
