namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>Why it is not known whether a node accepted a publish, which determines how long a lookup is worthwhile.</summary>
internal enum AttemptDoubt
{
    /// <summary>It is known, or a lookup would not help.</summary>
    None,

    /// <summary>
    /// The node, or an edge proxy in front of it, returned an error that is possible after the publish was staged.
    /// </summary>
    AnsweredError,

    /// <summary>The connection broke. A staged publish appears within the node's timeout, or after its restart.</summary>
    BrokenOff,

    /// <summary>There was no response until after the node's timeout.</summary>
    Silence,
}
