using System.Numerics;
using Nethereum.ABI.FunctionEncoding.Attributes;
using Nethereum.Contracts;

namespace Xmtp.Gateway.Nethereum.DevChains;

// The functions of the contracts. Each comment says whether the real ones, the stand-ins or both have it. Amounts are in
// microdollars.

/// <summary>Stand-in, for administrators: adds a node under an id chosen by the caller.</summary>
[Function("addNodeWithId")]
internal sealed class AddNodeWithId : FunctionMessage
{
    [Parameter("uint32", "nodeId", 1)] public uint NodeId { get; set; }

    [Parameter("address", "owner", 2)] public string Owner { get; set; } = DevAccounts.Administrator.ToString();

    [Parameter("bytes", "signingPublicKey", 3)] public byte[] SigningPublicKey { get; set; } = [];

    [Parameter("string", "httpAddress", 4)] public string HttpAddress { get; set; } = string.Empty;
}

/// <summary>Both, for the administrator: adds a node under the next multiple of 100.</summary>
[Function("addNode")]
internal sealed class AddNode : FunctionMessage
{
    [Parameter("address", "owner", 1)] public string Owner { get; set; } = DevAccounts.Administrator.ToString();

    [Parameter("bytes", "signingPublicKey", 2)] public byte[] SigningPublicKey { get; set; } = [];

    [Parameter("string", "httpAddress", 3)] public string HttpAddress { get; set; } = string.Empty;
}

/// <summary>Both, for the administrator.</summary>
[Function("addToNetwork")]
internal sealed class AddToNetwork : FunctionMessage
{
    [Parameter("uint32", "nodeId", 1)] public uint NodeId { get; set; }
}

/// <summary>Both, for the administrator.</summary>
[Function("removeFromNetwork")]
internal sealed class RemoveFromNetwork : FunctionMessage
{
    [Parameter("uint32", "nodeId", 1)] public uint NodeId { get; set; }
}

/// <summary>Both, for the node's owner.</summary>
[Function("setHttpAddress")]
internal sealed class SetHttpAddress : FunctionMessage
{
    [Parameter("uint32", "nodeId", 1)] public uint NodeId { get; set; }

    [Parameter("string", "httpAddress", 2)] public string HttpAddress { get; set; } = string.Empty;
}

/// <summary>Both: who may set the address of a node.</summary>
[Function("ownerOf", "address")]
internal sealed class OwnerOf : FunctionMessage
{
    [Parameter("uint256", "tokenId", 1)] public BigInteger NodeId { get; set; }
}

/// <summary>Both: makes the registry append the rates of its settings.</summary>
[Function("updateRates")]
internal sealed class UpdateRates : FunctionMessage;

/// <summary>Stand-in, for administrators: adds any amount to a balance, without tokens.</summary>
[Function("credit")]
internal sealed class Credit : FunctionMessage
{
    [Parameter("address", "payer", 1)] public string Payer { get; set; } = string.Empty;

    [Parameter("uint96", "amount", 2)] public BigInteger Amount { get; set; }
}

/// <summary>Both: takes the amount from the sender's fee tokens.</summary>
[Function("deposit")]
internal sealed class Deposit : FunctionMessage
{
    [Parameter("address", "payer", 1)] public string Payer { get; set; } = string.Empty;

    [Parameter("uint96", "amount", 2)] public BigInteger Amount { get; set; }
}

/// <summary>Both, for the settler; a stand-in also takes it from the sender of this project's calls.</summary>
[Function("settleUsage")]
internal sealed class SettleUsage : FunctionMessage
{
    [Parameter("bytes32", "payerReportId", 1)] public byte[] PayerReportId { get; set; } = [];

    [Parameter("tuple[]", "fees", 2)] public List<PayerFee> Fees { get; set; } = [];
}

/// <summary>A payer's charge.</summary>
internal sealed class PayerFee
{
    [Parameter("address", "payer", 1)] public string Payer { get; set; } = string.Empty;

    [Parameter("uint96", "fee", 2)] public BigInteger Fee { get; set; }
}

/// <summary>Both.</summary>
[Function("requestWithdrawal")]
internal sealed class RequestWithdrawal : FunctionMessage
{
    [Parameter("uint96", "amount", 1)] public BigInteger Amount { get; set; }
}

/// <summary>Both.</summary>
[Function("cancelWithdrawal")]
internal sealed class CancelWithdrawal : FunctionMessage;

/// <summary>Both.</summary>
[Function("finalizeWithdrawal")]
internal sealed class FinalizeWithdrawal : FunctionMessage
{
    [Parameter("address", "recipient", 1)] public string Recipient { get; set; } = string.Empty;
}

/// <summary>Both: makes the registry read how long a withdrawal is locked.</summary>
[Function("updateWithdrawLockPeriod")]
internal sealed class UpdateWithdrawLockPeriod : FunctionMessage;

/// <summary>Stand-in, which does not verify the signatures.</summary>
[Function("submit")]
internal sealed class SubmitReport : FunctionMessage
{
    [Parameter("uint32", "originatorNodeId", 1)] public uint OriginatorNodeId { get; set; }

    [Parameter("uint64", "startSequenceId", 2)] public ulong StartSequenceId { get; set; }

    [Parameter("uint64", "endSequenceId", 3)] public ulong EndSequenceId { get; set; }

    [Parameter("uint32", "endMinuteSinceEpoch", 4)] public uint EndMinuteSinceEpoch { get; set; }

    [Parameter("bytes32", "payersMerkleRoot", 5)] public byte[] PayersMerkleRoot { get; set; } = [];

    [Parameter("uint32[]", "nodeIds", 6)] public List<uint> NodeIds { get; set; } = [];

    [Parameter("tuple[]", "signatures", 7)] public List<NodeSignature> Signatures { get; set; } = [];
}

/// <summary>A node's signature of a report.</summary>
internal sealed class NodeSignature
{
    [Parameter("uint32", "nodeId", 1)] public uint NodeId { get; set; }

    [Parameter("bytes", "signature", 2)] public byte[] Signature { get; set; } = new byte[65];
}

/// <summary>Stand-in: the only proof element is the number of payers in the report.</summary>
[Function("settle")]
internal sealed class SettleReport : FunctionMessage
{
    [Parameter("uint32", "originatorNodeId", 1)] public uint OriginatorNodeId { get; set; }

    [Parameter("uint256", "payerReportIndex", 2)] public BigInteger PayerReportIndex { get; set; }

    [Parameter("bytes[]", "payerFees", 3)] public List<byte[]> PayerFees { get; set; } = [];

    [Parameter("bytes32[]", "proofElements", 4)] public List<byte[]> ProofElements { get; set; } = [];
}

/// <summary>Both: the administrator, who adds nodes.</summary>
[Function("admin", "address")]
internal sealed class Admin : FunctionMessage;

/// <summary>Both: the token in which balances are kept.</summary>
[Function("feeToken", "address")]
internal sealed class FeeToken : FunctionMessage;

/// <summary>Both: the stablecoin behind the fee token.</summary>
[Function("underlying", "address")]
internal sealed class Underlying : FunctionMessage;

/// <summary>Both: mints stablecoins; everyone may call the local one.</summary>
[Function("mint")]
internal sealed class Mint : FunctionMessage
{
    [Parameter("address", "to", 1)] public string To { get; set; } = string.Empty;

    [Parameter("uint256", "amount", 2)] public BigInteger Amount { get; set; }
}

/// <summary>Both: allows a spender to take the sender's tokens.</summary>
[Function("approve", "bool")]
internal sealed class Approve : FunctionMessage
{
    [Parameter("address", "spender", 1)] public string Spender { get; set; } = string.Empty;

    [Parameter("uint256", "amount", 2)] public BigInteger Amount { get; set; }
}

/// <summary>Both: converts the sender's stablecoins into the fee token.</summary>
[Function("deposit")]
internal sealed class Wrap : FunctionMessage
{
    [Parameter("uint256", "amount", 1)] public BigInteger Amount { get; set; }
}

/// <summary>Both: the contract from which a contract reads its settings.</summary>
[Function("parameterRegistry", "address")]
internal sealed class ParameterRegistry : FunctionMessage;

/// <summary>Both: the name of a contract's pause setting.</summary>
[Function("pausedParameterKey", "string")]
internal sealed class PausedParameterKey : FunctionMessage;

/// <summary>Both: the name of a broadcaster's setting.</summary>
[Function("minPayloadSizeParameterKey", "string")]
internal sealed class MinPayloadSizeParameterKey : FunctionMessage;

/// <summary>Both: the name of a broadcaster's setting.</summary>
[Function("maxPayloadSizeParameterKey", "string")]
internal sealed class MaxPayloadSizeParameterKey : FunctionMessage;

/// <summary>Both, for administrators of the settings: changes one.</summary>
[Function("set")]
internal sealed class SetParameter : FunctionMessage
{
    [Parameter("string", "key", 1)] public string Key { get; set; } = string.Empty;

    [Parameter("bytes32", "value", 2)] public byte[] Value { get; set; } = [];
}

/// <summary>Both, for administrators of the settings: changes several.</summary>
[Function("set")]
internal sealed class SetParameters : FunctionMessage
{
    [Parameter("string[]", "keys", 1)] public List<string> Keys { get; set; } = [];

    [Parameter("bytes32[]", "values", 2)] public List<byte[]> Values { get; set; } = [];
}

/// <summary>Both: makes a contract read its pause setting.</summary>
[Function("updatePauseStatus")]
internal sealed class UpdatePauseStatus : FunctionMessage;

/// <summary>Both: makes a broadcaster read its lower bound.</summary>
[Function("updateMinPayloadSize")]
internal sealed class UpdateMinPayloadSize : FunctionMessage;

/// <summary>Both: makes a broadcaster read its upper bound.</summary>
[Function("updateMaxPayloadSize")]
internal sealed class UpdateMaxPayloadSize : FunctionMessage;
