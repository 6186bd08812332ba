using System.Numerics;
using Nethereum.ABI.FunctionEncoding.Attributes;
using Nethereum.Contracts;

namespace Xmtp.Gateway.AppHost.Anvil;

/// <summary>How many rates there were ever.</summary>
[Function("getRatesCount", "uint256")]
internal sealed class GetRatesCount : FunctionMessage;

/// <summary>How many nodes are the network.</summary>
[Function("canonicalNodesCount", "uint8")]
internal sealed class CanonicalNodesCount : FunctionMessage;

/// <summary>How many nodes were ever added.</summary>
[Function("getAllNodesCount", "uint32")]
internal sealed class GetAllNodesCount : FunctionMessage;

/// <summary>Adds a node under the next multiple of 100.</summary>
[Function("addNode")]
internal sealed class AddNode : FunctionMessage
{
    /// <summary>Who may change the node's address later.</summary>
    [Parameter("address", "owner", 1)]
    public string Owner { get; set; } = ContractAddresses.Administrator;

    /// <summary>65 bytes: the uncompressed key that the node signs with.</summary>
    [Parameter("bytes", "signingPublicKey", 2)]
    public byte[] SigningPublicKey { get; set; } = [];

    /// <summary>Where it answers.</summary>
    [Parameter("string", "httpAddress", 3)]
    public string HttpAddress { get; set; } = string.Empty;
}

/// <summary>Makes a node part of the network.</summary>
[Function("addToNetwork")]
internal sealed class AddToNetwork : FunctionMessage
{
    /// <summary>The node.</summary>
    [Parameter("uint32", "nodeId", 1)]
    public uint NodeId { get; set; }
}

/// <summary>Puts money into a payer's balance; the real contract takes it from the sender's fee tokens.</summary>
[Function("deposit")]
internal sealed class Deposit : FunctionMessage
{
    /// <summary>The payer.</summary>
    [Parameter("address", "payer", 1)]
    public string Payer { get; set; } = string.Empty;

    /// <summary>In microdollars.</summary>
    [Parameter("uint96", "amount", 2)]
    public BigInteger Amount { get; set; }
}

/// <summary>Changes the sender's stablecoins into the fee token.</summary>
[Function("deposit")]
internal sealed class Wrap : FunctionMessage
{
    /// <summary>In microdollars.</summary>
    [Parameter("uint256", "amount", 1)]
    public BigInteger Amount { get; set; }
}

/// <summary>The token that balances are kept in.</summary>
[Function("feeToken", "address")]
internal sealed class FeeToken : FunctionMessage;

/// <summary>The stablecoin behind the fee token.</summary>
[Function("underlying", "address")]
internal sealed class Underlying : FunctionMessage;

/// <summary>Makes stablecoins: the local one lets everyone.</summary>
[Function("mint")]
internal sealed class Mint : FunctionMessage
{
    /// <summary>Who gets them.</summary>
    [Parameter("address", "to", 1)]
    public string To { get; set; } = string.Empty;

    /// <summary>In microdollars.</summary>
    [Parameter("uint256", "amount", 2)]
    public BigInteger Amount { get; set; }
}

/// <summary>Lets someone take tokens.</summary>
[Function("approve", "bool")]
internal sealed class Approve : FunctionMessage
{
    /// <summary>Who may take them.</summary>
    [Parameter("address", "spender", 1)]
    public string Spender { get; set; } = string.Empty;

    /// <summary>How many.</summary>
    [Parameter("uint256", "amount", 2)]
    public BigInteger Amount { get; set; }
}

/// <summary>Pauses a stand-in broadcaster, or lets it go on.</summary>
[Function("setPaused")]
internal sealed class SetPaused : FunctionMessage
{
    /// <summary>Whether it is paused from now on.</summary>
    [Parameter("bool", "value", 1)]
    public bool Value { get; set; }
}

/// <summary>Where the real contracts read their settings from.</summary>
[Function("parameterRegistry", "address")]
internal sealed class ParameterRegistry : FunctionMessage;

/// <summary>The name of a real broadcaster's pause setting.</summary>
[Function("pausedParameterKey", "string")]
internal sealed class PausedParameterKey : FunctionMessage;

/// <summary>Changes a setting.</summary>
[Function("set")]
internal sealed class SetParameter : FunctionMessage
{
    /// <summary>The name of the setting.</summary>
    [Parameter("string", "key", 1)]
    public string Key { get; set; } = string.Empty;

    /// <summary>32 bytes.</summary>
    [Parameter("bytes32", "value", 2)]
    public byte[] Value { get; set; } = [];
}

/// <summary>Makes a real broadcaster read its pause setting.</summary>
[Function("updatePauseStatus")]
internal sealed class UpdatePauseStatus : FunctionMessage;
