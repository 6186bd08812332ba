using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Costs.Spending;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Health;
using Xmtp.Gateway.Notifications;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.Costs.Funds;

/// <summary>
/// Reads both funds and the payer's charges at start, at every refresh interval, and when a change of the payer's
/// balance is announced; logs changes of a level, and keeps the readings by hour.
/// </summary>
/// <remarks>
/// A balance that is the same as before is one request: only a balance that differs, or did within the last minutes, has its
/// block, withdrawals and charges read too. Several payers read at the same times, in batches. Nothing is read while the payer is not
/// in use.
/// </remarks>
internal sealed partial class FundsWatch(
    FundsState funds,
    IFundsHistory history,
    SettledUsageReader usage,
    CostChainClients chains,
    MoneyMetrics metrics,
    ISigner signer,
    IChangeNotifications changes,
    IOptions<FundsOptions> options,
    TimeProvider time,
    ILogger<FundsWatch> logger,
    GasAccounts? gasAccounts = null,
    UnreachableEndpoints? unreachable = null,
    AccountUse? use = null,
    SharedReadings? shared = null) : PeriodicReader(ChangeKind.BalanceChanged, changes, time)
{
    // Longer than a reorganization, or an endpoint that lags, hides a charge.
    private static readonly TimeSpan SettlesAfter = TimeSpan.FromMinutes(5);

    private readonly ILogger _logger = logger;
    private readonly LoggedLevels _levels = new();
    private readonly ReadFaults _payerFaults = new(unreachable);
    private readonly ReadFaults _gasFaults = new(unreachable);
    private long? _payerSettlesFrom;

    private EthereumRpc App => shared?.App ?? chains.App;

    private EthereumRpc Settlement => shared?.Settlement ?? chains.Settlement;

    private PayerRegistryContract Registry => shared?.PayerRegistry ?? chains.PayerRegistry;

    /// <inheritdoc/>
    protected override TimeSpan Pause => shared?.UntilNext(options.Value.RefreshInterval) ?? options.Value.RefreshInterval;

    /// <inheritdoc/>
    protected override async Task ReadAsync(CancellationToken cancellationToken)
    {
        if (use is { HasEnded: true }) return;
        await Task.WhenAll(ReadPayerAsync(cancellationToken), ReadGasAsync(cancellationToken)).ConfigureAwait(false);
        Evaluate("payer", funds.PayerState());
        Evaluate("gas", funds.GasState());
        await history.AddAsync(funds.Payer?.Balance, funds.Gas?.Balance, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override void LogBroken(Exception exception) => LogFailed(_logger, exception);

    private async Task ReadPayerAsync(CancellationToken cancellationToken)
    {
        if (!chains.HasPayers || await IsPayerSameAsync(cancellationToken).ConfigureAwait(false)) return;
        var before = funds.Payer;
        var read = await FundsReader.ReadPayerAsync(Settlement, Registry, signer.Address, Time, cancellationToken).ConfigureAwait(false);
        if (!read.TryGet(out var payer, out var error)) Unread("payer", _payerFaults.Failed(chains.Settlement.Transport, error), error);
        else if (!Read(_payerFaults, funds.Learn(payer))) metrics.ReadLagged();
        else if (!await usage.ReadAsync(payer.Block, cancellationToken).ConfigureAwait(false)
            || before?.Balance != payer.Balance
            || payer.PendingWithdrawal.Value != 0)
        {
            _payerSettlesFrom = Time.GetTimestamp();
        }
    }

    // Whether the balance has been the same for long enough that nothing else can have changed.
    private async Task<bool> IsPayerSameAsync(CancellationToken cancellationToken)
    {
        if (funds.Payer is not { } last || _payerSettlesFrom is not { } from || Time.GetElapsedTime(from) < SettlesAfter) return false;
        var read = await Registry.GetBalanceAsync(signer.Address, cancellationToken).ConfigureAwait(false);
        return read.TryGet(out var balance, out _) && balance == last.Balance
            && Read(_payerFaults, funds.Learn(last with { At = Time.GetUtcNow() }));
    }

    private async Task<bool> IsGasSameAsync(CancellationToken cancellationToken)
    {
        if (funds.Gas is not { } last || gasAccounts is not null) return false;
        var read = await App.GetBalanceAsync(signer.Address, BlockTag.Latest, cancellationToken).ConfigureAwait(false);
        return read.TryGet(out var balance, out _) && balance == last.Balance
            && Read(_gasFaults, funds.Learn(last with { At = Time.GetUtcNow() }));
    }

    private async Task ReadGasAsync(CancellationToken cancellationToken)
    {
        if (await IsGasSameAsync(cancellationToken).ConfigureAwait(false)) return;
        var read = gasAccounts is null
            ? await FundsReader.ReadGasAsync(App, signer.Address, Time, cancellationToken).ConfigureAwait(false)
            : await FundsReader.ReadGasAsync(App, gasAccounts, Time, cancellationToken).ConfigureAwait(false);
        if (!read.TryGet(out var gas, out var error)) Unread("gas", _gasFaults.Failed(chains.App.Transport, error), error);
        else if (!Read(_gasFaults, funds.Learn(gas))) metrics.ReadLagged();
    }

    private static bool Read(ReadFaults faults, bool isLearned)
    {
        faults.Worked();
        return isLearned;
    }

    private void Unread(string fund, LogLevel severity, RpcError error)
    {
        metrics.FundUnread(fund);
        LogUnread(_logger, severity, fund, error);
    }

    private void Evaluate(string fund, FundState? state)
    {
        if (_levels.ChangeOf(fund, state) is not (var level, var balance)) return;
        var severity = level switch
        {
            FundLevel.Good => LogLevel.Information,
            FundLevel.Warning => LogLevel.Warning,
            _ => LogLevel.Critical
        };
        // Of several senders the one that has least.
        var account = fund == "gas" && funds.Gas is { Senders: { Count: > 0 } senders }
            ? senders.MinBy(one => one.Balance.Amount).Sender
            : signer.Address;
        LogLevelChanged(_logger, severity, fund, level, balance, account);
    }

    [LoggerMessage(EventId = EventIds.FundsWatchLevelChanged, Message = "the {Fund} fund is now {Level}: {Balance} of {Payer}")]
    private static partial void LogLevelChanged(
        ILogger logger, LogLevel severity, string fund, FundLevel level, string balance, EthereumAddress payer);

    [LoggerMessage(EventId = EventIds.FundsWatchUnread, Message = "the {Fund} fund could not be read; keeping the last reading: {Error}")]
    private static partial void LogUnread(ILogger logger, LogLevel severity, string fund, RpcError error);

    [LoggerMessage(EventIds.FundsWatchFailed, LogLevel.Error, "reading the funds failed; keeping the last readings")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
