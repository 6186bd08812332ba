namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>Why it is not known whether a node took a publish, and so how long it is worth asking.</summary>
internal enum AttemptDoubt
{
    /// <summary>It is known, or asking tells nothing.</summary>
    None,

    /// <summary>The node, or an edge before it, answered an error that it may give after it staged.</summary>
    AnsweredError,

    /// <summary>The connection broke. What was staged appears within the time that the node was given, or after its restart.</summary>
    BrokenOff,

    /// <summary>No answer until past the time that the node was given.</summary>
    Silence,
}
