namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>What a try says about its node, as far as the breaker cares.</summary>
internal enum TryVerdict
{
    /// <summary>Nothing was learned: the caller left, or had given too little time.</summary>
    Nothing,

    /// <summary>The node answered, be it with a refusal or an error of its own.</summary>
    Answered,

    /// <summary>It could not be reached, or the connection broke. Cheap to find out.</summary>
    Unreachable,

    /// <summary>No answer in the shorter time that the caller had left.</summary>
    Slow,

    /// <summary>No answer in all the time that a try has. Dear to find out.</summary>
    Silent,

    /// <summary>It answered what no sound node answers.</summary>
    Wrong,
}
