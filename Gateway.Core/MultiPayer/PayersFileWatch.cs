using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>
/// Reads the payers file every two seconds, puts a changed one in force, changes keys over at their dates, and disposes the payers that
/// are not in force any more once they have nothing in flight.
/// </summary>
/// <remarks>
/// The content is compared, not the time of the file, so that a mounted secret whose link is moved is noticed. A content is used
/// when it was read twice in a row: a file that is being written is read again. One that cannot be used is tried again, with growing
/// pauses, since the key files that it names may come later; it is logged once for each set of faults.
/// </remarks>
internal sealed partial class PayersFileWatch(
    PayerSet payers,
    PayersReload reload,
    PayersInDoubt doubt,
    PayerRotation rotation,
    PayersFileMetrics metrics,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<PayersFileWatch> logger) : PeriodicLook(lifetime, time)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MaxPause = TimeSpan.FromMinutes(1);

    private readonly HashSet<Payer> _idle = [];
    private string _lastRead = "";
    private string _tried = "";
    private TimeSpan _pause = Every;
    private long _triedAt;
    private volatile IReadOnlyList<string> _faults = [];

    /// <summary>Why the file as it is now is not in force, or a date in it; empty when all is.</summary>
    internal IReadOnlyList<string> Faults => [.. _faults, .. rotation.Faults];

    /// <inheritdoc/>
    protected override TimeSpan Interval => Every;

    /// <inheritdoc/>
    protected override async Task LookAsync(CancellationToken cancellationToken)
    {
        await EndIdleAsync(cancellationToken).ConfigureAwait(false);
        await rotation.LookAsync(cancellationToken).ConfigureAwait(false);
        var version = PayersReading.VersionOf(payers.Path);
        var isSettled = version == _lastRead;
        _lastRead = version;
        if (version == payers.Reading.Version) _faults = [];
        else if (isSettled && IsDue(version)) await ApplyAsync(version, cancellationToken).ConfigureAwait(false);
        metrics.SetFaults(Faults.Count);
    }

    /// <inheritdoc/>
    protected override void LogBroken(Exception exception) => LogFailed(logger, exception);

    private bool IsDue(string version) => version != _tried || Time.GetElapsedTime(_triedAt) >= _pause;

    private async Task ApplyAsync(string version, CancellationToken cancellationToken)
    {
        if (version != _tried) _pause = Every;
        else _pause = DoublingPause.After(_pause, MaxPause);
        _tried = version;
        var (before, names) = (payers.Reading.Version, payers.All.Select(payer => payer.Name).ToHashSet(StringComparer.Ordinal));
        var reading = payers.Read();
        var faults = await reload.ApplyAsync(reading, cancellationToken).ConfigureAwait(false);
        _triedAt = Time.GetTimestamp();
        if (faults.Count > 0)
        {
            if (!faults.SequenceEqual(_faults, StringComparer.Ordinal))
            {
                metrics.Refused();
                LogRefused(logger, before, string.Join("; ", faults));
            }

            _faults = faults;
            return;
        }

        _faults = [];
        UnusedMemory.AfterReading(reading);
        metrics.Hide(before);
        LogApplied(
            logger,
            reading.Version,
            Names(payers.All.Select(payer => payer.Name).Where(name => !names.Contains(name))),
            Names(names.Where(name => payers.Find(name) is null)),
            payers.All.Count);
    }

    // Idle at two looks in a row: what read the list of payers before it was replaced has ended by then.
    private async Task EndIdleAsync(CancellationToken cancellationToken)
    {
        var idle = payers.Leaving.Where(payer => payer.IsIdle).ToList();
        var wereIdle = idle.Where(_idle.Contains).ToList();
        _idle.Clear();
        _idle.UnionWith(idle);
        foreach (var payer in wereIdle)
        {
            if (payer.IsStarted && await payer.MayBeInDoubtAsync(cancellationToken).ConfigureAwait(false)) continue;
            if (await doubt.MayHaveAsync(payer, cancellationToken).ConfigureAwait(false)) continue;
            await payer.StopAsync(cancellationToken).ConfigureAwait(false);
            payers.Forget(payer);
            metrics.Hide(left: payer.Name);
            _idle.Remove(payer);
            await payer.DisposeAsync().ConfigureAwait(false);
            LogLeft(logger, payer.Name, payer.Address.ToString());
        }
    }

    private static string Names(IEnumerable<string> names) => string.Join(", ", names) is { Length: > 0 } all ? all : "none";

    [LoggerMessage(
        EventIds.PayersFileApplied,
        LogLevel.Information,
        "the payers file has changed: version {Version} is in force; came: {Came}, left: {Left}, payers now: {Count}")]
    private static partial void LogApplied(ILogger logger, string version, string came, string left, int count);

    [LoggerMessage(
        EventIds.PayersFileRefused,
        LogLevel.Error,
        "the payers file has changed and cannot be used; version {Version} stays in force: {Faults}")]
    private static partial void LogRefused(ILogger logger, string version, string faults);

    [LoggerMessage(EventIds.PayerLeft, LogLevel.Information, "the payer {Payer}, {Address}, has finished and is gone")]
    private static partial void LogLeft(ILogger logger, string payer, string address);

    [LoggerMessage(EventIds.PayersFileWatchFailed, LogLevel.Error, "the payers file could not be read again; retrying")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
