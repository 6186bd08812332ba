namespace Xmtp.Gateway.Redis;

/// <summary>The state of the shared store.</summary>
internal enum StoreStatus
{
    /// <summary>It responds and accepts writes.</summary>
    Good,

    /// <summary>It responds and refuses writes: <c>maxmemory</c> is used up.</summary>
    Full,

    /// <summary>It responds and refuses writes: it is a replica, or became one while its connections stayed open.</summary>
    ReadOnly,

    /// <summary>It responds and refuses, for another reason.</summary>
    Refuses,

    /// <summary>It does not respond.</summary>
    Unavailable,
}

/// <summary>The result of a check of the shared store.</summary>
/// <param name="Status">The state.</param>
/// <param name="Reason">A text for the operator that continues "the shared store"; empty when the state is good.</param>
internal readonly record struct StoreCheckResult(StoreStatus Status, string Reason = "")
{
    /// <summary>Whether waiting does not help: settings of the gateway or of the store must change.</summary>
    internal bool IsLasting { get; init; }
}
