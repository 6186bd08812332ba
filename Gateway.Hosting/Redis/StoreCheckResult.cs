namespace Xmtp.Gateway.Redis;

/// <summary>How the shared store stands.</summary>
internal enum StoreStatus
{
    /// <summary>It answers and takes writes.</summary>
    Good,

    /// <summary>It answers and refuses writes: <c>maxmemory</c> is used up.</summary>
    Full,

    /// <summary>It answers and refuses writes: it is a replica, or became one while its connections stayed open.</summary>
    ReadOnly,

    /// <summary>It answers and refuses, for another reason.</summary>
    Refuses,

    /// <summary>It does not answer.</summary>
    Away,
}

/// <summary>What a look at the shared store showed.</summary>
/// <param name="Status">How it stands.</param>
/// <param name="Reason">Words for the operator that go on after "the shared store"; empty when it is good.</param>
internal readonly record struct StoreCheckResult(StoreStatus Status, string Reason = "")
{
    /// <summary>Whether no wait mends it: the settings must change, here or there.</summary>
    internal bool IsLasting { get; init; }
}
