namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>What a node's refusal is about.</summary>
internal enum NodeRefusalKind
{
    /// <summary>A fault of the node itself that it blames on the request.</summary>
    OwnTrouble,

    /// <summary>The payer's balance.</summary>
    Balance,

    /// <summary>The node has not yet seen what the envelope depends on.</summary>
    Dependency,

    /// <summary>The request.</summary>
    Request,
}
