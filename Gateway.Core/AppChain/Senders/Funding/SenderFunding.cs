using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Costs.Funds;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.AppChain.Senders.Funding;

/// <summary>
/// Keeps up the gas of a payer's senders: looks at each reading of the funds, and at a sender that could not pay for a transaction at
/// once. One replica at a time transfers.
/// </summary>
internal sealed partial class SenderFunding(
    FundingSetting setting,
    FundsState funds,
    SenderHealth health,
    IFundingLedger ledger,
    SenderTransfer transfer,
    ChainAccount payer,
    FundingMetrics metrics,
    TimeProvider time,
    ILogger<SenderFunding> logger) : BackgroundService
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromSeconds(3);

    private readonly string _owner = Guid.NewGuid().ToString("N");
    private readonly ConcurrentDictionary<EthereumAddress, byte> _emptied = new();
    private readonly AsyncAutoResetEvent _wake = new();

    /// <inheritdoc/>
    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        health.OnEmpty = sender =>
        {
            _emptied[sender] = 0;
            _wake.Set();
        };
        GasReading? seen = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await _wake.WaitAsync(Look, time, stoppingToken).ConfigureAwait(false);
                seen = await LookAsync(seen, stoppingToken).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // A store, a signer or an endpoint may throw anything; the next reading is looked at too.
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                LogFailed(logger, exception);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    // The reading that was looked at; an earlier one while another replica transfers, so that this one is looked at again.
    private async Task<GasReading?> LookAsync(GasReading? seen, CancellationToken stoppingToken)
    {
        var (reading, emptied) = (funds.Gas, _emptied.Keys.ToList());
        if (setting.Levels is not { } levels)
        {
            metrics.Left(null);
            metrics.Own(null);
            _emptied.Clear();
            return reading;
        }

        var isNew = !ReferenceEquals(reading, seen);
        if (isNew) await MeasureAsync(levels, stoppingToken).ConfigureAwait(false);
        List<EthereumAddress> low = isNew && reading is not null ? [.. Below(reading, levels).Union(emptied)] : emptied;
        if (low.Count == 0) return reading;
        var isDone = await FundAsync(low, levels, stoppingToken).ConfigureAwait(false);
        if (isDone)
            foreach (var sender in emptied) _emptied.TryRemove(sender, out _);
        await Task.Delay(BetweenRounds, time, stoppingToken).ConfigureAwait(false);
        return isDone ? reading : seen;
    }

    private static IEnumerable<EthereumAddress> Below(GasReading reading, FundingLevels levels) => reading.Senders
        .Where(one => one.Balance < Wei.FromGwei(levels.Below)).OrderBy(one => one.Balance).Select(one => one.Sender);

    // False when another replica has the lease.
    private async Task<bool> FundAsync(List<EthereumAddress> low, FundingLevels levels, CancellationToken stoppingToken)
    {
        try
        {
            foreach (var sender in low)
            {
                // Each time, since the transfer before may have taken longer than the lease.
                var status = await ledger.TakeAsync(_owner, stoppingToken).ConfigureAwait(false);
                if (status == FundingStatus.Busy) return false;
                if (status == FundingStatus.Unavailable) transfer.NoteUnavailable();
                if (status != FundingStatus.Done) return true;
                await transfer.TryAsync(_owner, sender, levels, stoppingToken).ConfigureAwait(false);
            }

            return true;
        }
        finally
        {
            await ledger.ReleaseAsync(_owner).ConfigureAwait(false);
        }
    }

    private async Task MeasureAsync(FundingLevels levels, CancellationToken stoppingToken)
    {
        if (await ledger.ReadAsync(stoppingToken).ConfigureAwait(false) is { } spent)
            metrics.Left(levels.MaxPerDay > spent ? levels.MaxPerDay - spent : 0);
        var read = await payer.Rpc.GetBalanceAsync(payer.Address, BlockTag.Latest, stoppingToken).ConfigureAwait(false);
        if (read.TryGet(out var own, out _)) metrics.Own(own);
    }

    [LoggerMessage(EventIds.SenderFundingFailed, LogLevel.Error, "keeping up the gas of senders failed; retrying")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
