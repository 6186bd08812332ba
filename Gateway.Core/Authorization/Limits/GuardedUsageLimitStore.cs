using Microsoft.Extensions.Logging;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>The shared store, with the policy that decides while it is unavailable.</summary>
/// <remarks>
/// After a failed call the store is not called for <see cref="Pause"/>, so that a hung store delays one publish a
/// second and not each of them. Then one publish asks the store again while the policy still decides for the others.
/// </remarks>
internal sealed partial class GuardedUsageLimitStore(
    IUsageLimitStore shared,
    StoreUnavailablePolicy policy,
    TimeProvider time,
    AuthorizationMetrics? metrics,
    ILogger<GuardedUsageLimitStore> logger) : IUsageLimitStore
{
    internal static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly MemoryUsageLimitStore _local = new(time);
    private readonly string _word = policy.ToString().ToLowerInvariant();
    private long _askAgain = long.MinValue;
    private int _unavailable;

    public async ValueTask<UsageLimitResult> TakeAsync(IReadOnlyList<UsageLimitCharge> charges, CancellationToken cancellationToken)
    {
        if (MayAsk())
        {
            var answer = await shared.TakeAsync(charges, cancellationToken).ConfigureAwait(false);
            if (answer.Outcome != UsageLimitOutcome.Unavailable)
            {
                Back();
                return answer;
            }

            Lost();
        }

        metrics?.DecidedByPolicy(_word);
        return policy switch
        {
            StoreUnavailablePolicy.Open => UsageLimitResult.Uncounted,
            StoreUnavailablePolicy.Local => await _local.TakeAsync(charges, cancellationToken).ConfigureAwait(false),
            _ => UsageLimitResult.Unavailable,
        };
    }

    public ValueTask<bool> RefundAsync(IReadOnlyList<UsageLimitCharge> charges, long takenAt) => shared.RefundAsync(charges, takenAt);

    public ValueTask<bool> CorrectAsync(IReadOnlyList<UsageLimitCharge> corrections, CancellationToken cancellationToken) =>
        shared.CorrectAsync(corrections, cancellationToken);

    public ValueTask<bool> RaiseAsync(IReadOnlyList<UsageLimitCharge> atLeast, CancellationToken cancellationToken) =>
        shared.RaiseAsync(atLeast, cancellationToken);

    public ValueTask<IReadOnlyList<long>?> ReadSumsAsync(
        IReadOnlyList<(SpendCounter Budget, string Key)> budgets, CancellationToken cancellationToken) =>
        shared.ReadSumsAsync(budgets, cancellationToken);

    private bool MayAsk()
    {
        if (Volatile.Read(ref _unavailable) == 0) return true;
        var (at, now) = (Volatile.Read(ref _askAgain), time.GetTimestamp());
        return now >= at && Interlocked.CompareExchange(ref _askAgain, After(now), at) == at;
    }

    private void Lost()
    {
        Volatile.Write(ref _askAgain, After(time.GetTimestamp()));
        if (Interlocked.Exchange(ref _unavailable, 1) == 1) return;
        metrics?.SetStoreUnavailable(true);
        LogUnavailable(logger, _word);
    }

    private void Back()
    {
        if (Volatile.Read(ref _unavailable) == 0 || Interlocked.Exchange(ref _unavailable, 0) == 0) return;
        metrics?.SetStoreUnavailable(false);
        LogBack(logger);
    }

    private long After(long now) => now + (long)(Pause.TotalSeconds * time.TimestampFrequency);

    [LoggerMessage(
        EventId = EventIds.GuardedUsageLimitStoreUnavailable,
        Level = LogLevel.Error,
        Message = "the store of limits and budgets does not answer; until it does, publishing is {Policy}")]
    private static partial void LogUnavailable(ILogger logger, string policy);

    [LoggerMessage(
        EventId = EventIds.GuardedUsageLimitStoreBack,
        Level = LogLevel.Information,
        Message = "the store of limits and budgets answers again")]
    private static partial void LogBack(ILogger logger);
}
