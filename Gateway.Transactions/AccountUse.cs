namespace Xmtp.Gateway.Transactions;

/// <summary>
/// Whether an account is in use: what tells of changes that nobody waits for is not read for one that is not. Thread-safe.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class AccountUse(TimeProvider time)
{
    /// <summary>How long after its last call an account is in use.</summary>
    internal static readonly TimeSpan EndsAfter = TimeSpan.FromMinutes(10);

    private int _calls;
    private long _lastAt = time.GetTimestamp();

    /// <summary>Whether no call is under way.</summary>
    internal bool IsIdle => Volatile.Read(ref _calls) == 0;

    /// <summary>Whether no call is under way, and none was for <see cref="EndsAfter"/>.</summary>
    internal bool HasEnded => IsIdle && time.GetElapsedTime(Volatile.Read(ref _lastAt)) >= EndsAfter;

    /// <summary>Begins a call.</summary>
    internal void Begin()
    {
        Volatile.Write(ref _lastAt, time.GetTimestamp());
        Interlocked.Increment(ref _calls);
    }

    /// <summary>Ends a call.</summary>
    internal void End()
    {
        Volatile.Write(ref _lastAt, time.GetTimestamp());
        Interlocked.Decrement(ref _calls);
    }
}
