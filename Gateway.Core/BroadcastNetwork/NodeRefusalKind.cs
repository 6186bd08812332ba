namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>What a node's refusal is about.</summary>
internal enum NodeRefusalKind
{
    /// <summary>Trouble of the node's own that it blames on the request.</summary>
    OwnTrouble,

    /// <summary>The payer's balance.</summary>
    Balance,

    /// <summary>What the envelope depends on was not seen by the node yet.</summary>
    Dependency,

    /// <summary>The request.</summary>
    Request,
}
