using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Funds;
using Xmtp.Gateway.Costs.Spending;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>
/// Reads the funds of the wallets that pay from a date on, before that date, at the refresh interval of funds; logs changes of a level.
/// </summary>
/// <remarks>A reading that fails keeps the last one: the payers that serve report an endpoint that does not answer.</remarks>
internal sealed partial class ComingPayers(
    PayerSet payers, CostChainClients chains, IOptions<FundsOptions> options, TimeProvider time, ILogger<ComingPayers> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private volatile ComingPayer[] _all = [];

    /// <summary>The wallets of coming dates, the next one of a name first.</summary>
    internal IReadOnlyList<ComingPayer> All => _all;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do await LookAsync(stoppingToken).ConfigureAwait(false);
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The gateway is stopping.
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var state = payers.State;
            _all = [.. state.Reading.Document.Coming.Select(entry => Of(entry, state))];
            foreach (var payer in _all)
            {
                if (payer.ReadAt is { } last && time.GetElapsedTime(last) < options.Value.RefreshInterval) continue;
                payer.ReadAt = time.GetTimestamp();
                await ReadAsync(payer, cancellationToken).ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // The payers must go on, and the funds are read again.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogFailed(logger, exception);
        }
    }

    private ComingPayer Of(PayerEntry entry, PayersState state)
    {
        var (address, now) = (state.Reading.Signers[entry].Address, state.Payers[entry.Name]);
        var known = Array.Find(_all, one => one.Address == address && one.Payer == now);
        if (known is not null) return known.Entry == entry ? known : known with { Entry = entry };
        var funds = new FundsState(
            now.Services.GetRequiredService<SpendLedger>(),
            now.Services.GetRequiredService<EnvelopeCosts>(),
            now.Services.GetRequiredService<IOptions<FundsOptions>>(),
            time);
        return new ComingPayer(entry, address, now, funds);
    }

    private async Task ReadAsync(ComingPayer payer, CancellationToken cancellationToken)
    {
        if (chains.HasPayers)
        {
            var balance = await FundsReader.ReadPayerAsync(chains, payer.Address, time, cancellationToken).ConfigureAwait(false);
            if (balance.TryGet(out var read, out _)) payer.Funds.Learn(read);
        }

        var gas = await FundsReader.ReadGasAsync(chains, payer.Address, time, cancellationToken).ConfigureAwait(false);
        if (gas.TryGet(out var left, out _)) payer.Funds.Learn(left);
        Evaluate(payer, "payer", payer.Funds.PayerState(), balance => new Microdollars(balance).ToString());
        Evaluate(payer, "gas", payer.Funds.GasState(), balance => new Wei((UInt128)balance).ToString());
    }

    // One line per change, not per reading.
    private void Evaluate(ComingPayer payer, string fund, FundState? state, Func<Int128, string> text)
    {
        if (state is null || payer.Logged.GetValueOrDefault(fund) == state.Level) return;
        payer.Logged[fund] = state.Level;
        var severity = state.Level == FundLevel.Good ? LogLevel.Information : LogLevel.Warning;
        var (from, balance) = (payer.Entry.From!.Value.ToString("u", CultureInfo.InvariantCulture), text(state.Balance));
        LogLevelChanged(logger, severity, fund, payer.Address, payer.Entry.Name, from, state.Level, balance);
    }

    [LoggerMessage(
        EventId = EventIds.ComingPayerFunds,
        Message = "the {Fund} fund of {Address}, which pays for {Payer} from {From} on, is {Level}: {Balance}")]
    private static partial void LogLevelChanged(
        ILogger logger,
        LogLevel severity,
        string fund,
        EthereumAddress address,
        string payer,
        string from,
        FundLevel level,
        string balance);

    [LoggerMessage(EventIds.ComingPayersFailed, LogLevel.Error, "reading the funds of coming payers failed; retrying")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
