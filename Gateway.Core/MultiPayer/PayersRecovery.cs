using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>
/// Starts payers that nobody uses here and that have transactions of a process which was lost, so that they are taken over as those of
/// payers that serve: among those that had some in flight lately, and every five minutes among all. Does nothing without Redis, or while
/// all payers have started.
/// </summary>
internal sealed partial class PayersRecovery(
    PayerSet payers,
    PayersInDoubt doubt,
    PayerStarts starts,
    IOptions<RedisOptions> redis,
    IOptions<AppChainTransactionOptions> options,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<PayersRecovery> logger) : PeriodicLook(lifetime, time)
{
    // What the record of accounts in flight lacks.
    private static readonly TimeSpan AllEvery = TimeSpan.FromMinutes(5);

    private long? _allAt;

    /// <inheritdoc/>
    protected override bool IsNeeded => redis.Value.IsConfigured;

    /// <summary>As often as a payer that has started looks for its own: the claims of envelopes last until then.</summary>
    protected override TimeSpan Interval => options.Value.RecoveryInterval;

    /// <inheritdoc/>
    protected override async Task LookAsync(CancellationToken cancellationToken)
    {
        List<Payer> idle = [.. payers.All.Concat(payers.Leaving).Where(payer => !payer.IsStarted)];
        if (idle.Count == 0) return;
        var isOfAll = _allAt is not { } at || Time.GetElapsedTime(at) >= AllEvery;
        var lost = isOfAll
            ? await doubt.FindLostAsync(idle, cancellationToken).ConfigureAwait(false)
            : await doubt.FindLostLatelyAsync(idle, cancellationToken).ConfigureAwait(false);
        if (lost is null) return;
        if (isOfAll) _allAt = Time.GetTimestamp();
        await Task.WhenAll(lost.Select(payer => StartAsync(payer, cancellationToken))).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override void LogBroken(Exception exception) => LogFailed(logger, exception);

    private async Task StartAsync(Payer payer, CancellationToken cancellationToken)
    {
        if (await starts.TryStartAsync(payer, options.Value.RecoveryInterval, cancellationToken).ConfigureAwait(false))
            LogStarted(logger, payer.Name);
    }

    [LoggerMessage(
        EventIds.PayerRecovered,
        LogLevel.Warning,
        "the payer {Payer} was not in use here, and has started: a process was lost that had transactions of it in flight")]
    private static partial void LogStarted(ILogger logger, string payer);

    [LoggerMessage(EventIds.PayersRecoveryFailed, LogLevel.Error, "looking for transactions of lost processes failed; retrying")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
