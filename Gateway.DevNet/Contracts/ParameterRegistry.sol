// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ADMINISTRATOR, DISTRIBUTION_MANAGER, PAYER_REPORT_MANAGER, TOOLS} from "./Addresses.sol";

/// Stand-in for the settings of all contracts, by name. A local chain is both chains, and has one registry for both.
/// A setting that was never set has the value that it starts with on a real local chain, or zero.
contract ParameterRegistry {
    struct Parameter {
        bool isSet;
        bytes32 value;
    }

    uint256 public constant isStandIn = 1;
    string public constant contractName = "SettlementChainParameterRegistry";
    string public constant version = "1.0.0";
    string public constant adminParameterKey = "xmtp.settlementChainParameterRegistry.isAdmin";

    mapping(string => Parameter) private parameters;

    event ParameterSet(string indexed keyHash, string key, bytes32 value);

    error NotAdmin();
    error NoKeys();
    error ArrayLengthMismatch();

    modifier onlyAdmin() {
        if (!isAdmin(msg.sender)) revert NotAdmin();
        _;
    }

    function set(string calldata key, bytes32 value) external onlyAdmin {
        put(key, value);
    }

    function set(string[] calldata keys, bytes32[] calldata values) external onlyAdmin {
        if (keys.length == 0) revert NoKeys();
        if (keys.length != values.length) revert ArrayLengthMismatch();
        for (uint256 i; i < keys.length; ++i) put(keys[i], values[i]);
    }

    function get(string memory key) public view returns (bytes32) {
        Parameter storage parameter = parameters[key];
        return parameter.isSet ? parameter.value : bytes32(initial(key));
    }

    function get(string[] calldata keys) external view returns (bytes32[] memory values) {
        if (keys.length == 0) revert NoKeys();
        values = new bytes32[](keys.length);
        for (uint256 i; i < keys.length; ++i) values[i] = get(keys[i]);
    }

    function isAdmin(address account) public view returns (bool) {
        return get(adminKey(account)) != 0;
    }

    function put(string calldata key, bytes32 value) private {
        parameters[key] = Parameter(true, value);
        emit ParameterSet(key, key, value);
    }

    function initial(string memory key) private pure returns (uint256) {
        bytes32 hash = keccak256(bytes(key));
        if (hash == keccak256("xmtp.groupMessageBroadcaster.minPayloadSize")) return 78;
        if (hash == keccak256("xmtp.groupMessageBroadcaster.maxPayloadSize")) return 262144;
        if (hash == keccak256("xmtp.identityUpdateBroadcaster.minPayloadSize")) return 78;
        if (hash == keccak256("xmtp.identityUpdateBroadcaster.maxPayloadSize")) return 262144;
        if (hash == keccak256("xmtp.nodeRegistry.admin")) return uint160(ADMINISTRATOR);
        if (hash == keccak256("xmtp.nodeRegistry.maxCanonicalNodes")) return 100;
        if (hash == keccak256("xmtp.payerRegistry.settler")) return uint160(PAYER_REPORT_MANAGER);
        if (hash == keccak256("xmtp.payerRegistry.feeDistributor")) return uint160(DISTRIBUTION_MANAGER);
        if (hash == keccak256("xmtp.payerRegistry.minimumDeposit")) return 10_000_000;
        if (hash == keccak256(bytes(adminKey(ADMINISTRATOR))) || hash == keccak256(bytes(adminKey(TOOLS)))) return 1;
        return 0;
    }

    /// The name of the setting that makes an account an administrator: it ends with the address, in lower case.
    function adminKey(address account) private pure returns (string memory) {
        bytes memory hexDigits = new bytes(42);
        (hexDigits[0], hexDigits[1]) = ("0", "x");
        for (uint256 i; i < 40; ++i) {
            uint256 digit = (uint160(account) >> (4 * (39 - i))) & 15;
            hexDigits[i + 2] = bytes1(uint8(digit < 10 ? 48 + digit : 87 + digit));
        }
        return string.concat(adminParameterKey, ".", string(hexDigits));
    }
}
