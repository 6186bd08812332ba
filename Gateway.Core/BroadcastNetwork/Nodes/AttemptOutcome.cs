namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>What a try says about its node, as far as the breaker cares.</summary>
internal enum AttemptOutcome
{
    /// <summary>Nothing was learned: the caller left, or had given too little time.</summary>
    Nothing,

    /// <summary>A connection ended that had worked before: edges and restarts do that, and the next connection tells more.</summary>
    Disconnected,

    /// <summary>The node answered, be it with a refusal or an error of its own.</summary>
    Answered,

    /// <summary>
    /// It could not be connected to, ended a connection before it answered anything on it, or reset the call. Cheap to
    /// find out.
    /// </summary>
    Unreachable,

    /// <summary>No answer in the shorter time that the caller had left.</summary>
    Slow,

    /// <summary>No answer in all the time that a try has. Dear to find out.</summary>
    Silent,

    /// <summary>It answered what no sound node answers.</summary>
    Wrong,
}
