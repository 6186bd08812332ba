namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>What an attempt says about its node, for the circuit breaker.</summary>
internal enum AttemptOutcome
{
    /// <summary>Nothing was learned: the caller left, or left too little time.</summary>
    Nothing,

    /// <summary>
    /// A connection that had worked ended: edge proxies and restarts cause that, and the next connection shows more.
    /// </summary>
    Disconnected,

    /// <summary>The node responded, possibly with a refusal or an error of its own.</summary>
    Answered,

    /// <summary>
    /// The node could not be connected to, ended a connection before it answered any call on it, or reset the call.
    /// Cheap to detect.
    /// </summary>
    Unreachable,

    /// <summary>No response within the shorter time that the caller had left.</summary>
    Slow,

    /// <summary>No response within the full timeout of an attempt. Expensive to detect.</summary>
    Silent,

    /// <summary>The response was one that no working node returns.</summary>
    Wrong,
}
