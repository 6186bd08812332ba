using Microsoft.Extensions.Logging;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>The shared store, and what is decided in its place while it is away.</summary>
/// <remarks>
/// Once it did not answer it is left alone for <see cref="Pause"/>, so that a store that hangs delays one publish a
/// second and not each of them. Then one publish asks again while the others still go by the policy.
/// </remarks>
internal sealed partial class GuardedMeterStore(IMeterStore shared, StoreAwayPolicy policy, TimeProvider time, AuthorizationMetrics? metrics, ILogger<GuardedMeterStore> log) : IMeterStore
{
    internal static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly MemoryMeterStore local = new(time);
    private readonly string word = policy.ToString().ToLowerInvariant();
    private long askAgain = long.MinValue;
    private int away;

    public async ValueTask<MeterAnswer> TakeAsync(IReadOnlyList<MeterCharge> charges, CancellationToken cancellationToken)
    {
        if (MayAsk())
        {
            var answer = await shared.TakeAsync(charges, cancellationToken).ConfigureAwait(false);
            if (answer.Verdict != MeterVerdict.Away)
            {
                Back();
                return answer;
            }

            Lost();
        }

        metrics?.DecidedByPolicy(word);
        return policy switch
        {
            StoreAwayPolicy.Open => MeterAnswer.Uncounted,
            StoreAwayPolicy.Local => await local.TakeAsync(charges, cancellationToken).ConfigureAwait(false),
            _ => MeterAnswer.Away,
        };
    }

    public ValueTask<bool> GiveBackAsync(IReadOnlyList<MeterCharge> charges, long takenAt) => shared.GiveBackAsync(charges, takenAt);

    public ValueTask<bool> CorrectAsync(IReadOnlyList<MeterCharge> corrections, CancellationToken cancellationToken) => shared.CorrectAsync(corrections, cancellationToken);

    public ValueTask<bool> RaiseAsync(IReadOnlyList<MeterCharge> atLeast, CancellationToken cancellationToken) => shared.RaiseAsync(atLeast, cancellationToken);

    private bool MayAsk()
    {
        if (Volatile.Read(ref away) == 0) return true;
        var (at, now) = (Volatile.Read(ref askAgain), time.GetTimestamp());
        return now >= at && Interlocked.CompareExchange(ref askAgain, After(now), at) == at;
    }

    private void Lost()
    {
        Volatile.Write(ref askAgain, After(time.GetTimestamp()));
        if (Interlocked.Exchange(ref away, 1) == 1) return;
        metrics?.StoreIsAway(true);
        LogAway(log, word);
    }

    private void Back()
    {
        if (Volatile.Read(ref away) == 0 || Interlocked.Exchange(ref away, 0) == 0) return;
        metrics?.StoreIsAway(false);
        LogBack(log);
    }

    private long After(long now) => now + (long)(Pause.TotalSeconds * time.TimestampFrequency);

    [LoggerMessage(EventId = EventIds.GuardedMeterStoreAway, Level = LogLevel.Error, Message = "the store of limits and budgets does not answer; until it does, publishing is {Policy}")]
    private static partial void LogAway(ILogger log, string policy);

    [LoggerMessage(EventId = EventIds.GuardedMeterStoreBack, Level = LogLevel.Information, Message = "the store of limits and budgets answers again")]
    private static partial void LogBack(ILogger log);
}
