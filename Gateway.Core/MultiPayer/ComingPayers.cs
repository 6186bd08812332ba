using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
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
    PayerSet payers,
    CostChainClients chains,
    IOptions<FundsOptions> options,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<ComingPayers> logger) : PeriodicLook(lifetime, time)
{
    private volatile ComingPayer[] _all = [];

    /// <summary>The wallets of coming dates, the next one of a name first.</summary>
    internal IReadOnlyList<ComingPayer> All => _all;

    /// <inheritdoc/>
    protected override TimeSpan Interval { get; } = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    protected override bool LooksAtStart => true;

    /// <inheritdoc/>
    protected override async Task LookAsync(CancellationToken cancellationToken)
    {
        var state = payers.State;
        _all = [.. state.Reading.Document.Coming.Select(entry => Of(entry, state))];
        foreach (var payer in _all)
        {
            if (payer.ReadAt is { } last && Time.GetElapsedTime(last) < options.Value.RefreshInterval) continue;
            payer.ReadAt = Time.GetTimestamp();
            await ReadAsync(payer, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    protected override void LogBroken(Exception exception) => LogFailed(logger, exception);

    private ComingPayer Of(PayerEntry entry, PayersState state)
    {
        var (address, now) = (state.Reading.Signers[entry].Address, state.Payers[entry.Name]);
        var known = Array.Find(_all, one => one.Address == address && one.Payer == now);
        if (known is not null) return known.Entry == entry ? known : known with { Entry = entry };
        var funds = new FundsState(
            now.Services.GetRequiredService<SpendLedger>(),
            now.Services.GetRequiredService<EnvelopeCosts>(),
            now.Services.GetRequiredService<IOptions<FundsOptions>>(),
            Time);
        return new ComingPayer(entry, address, now, funds);
    }

    private async Task ReadAsync(ComingPayer payer, CancellationToken cancellationToken)
    {
        if (chains.HasPayers)
        {
            var balance = await FundsReader.ReadPayerAsync(chains, payer.Address, Time, cancellationToken).ConfigureAwait(false);
            if (balance.TryGet(out var read, out _)) payer.Funds.Learn(read);
        }

        var gas = await FundsReader.ReadGasAsync(chains, payer.Address, Time, cancellationToken).ConfigureAwait(false);
        if (gas.TryGet(out var left, out _)) payer.Funds.Learn(left);
        Evaluate(payer, "payer", payer.Funds.PayerState());
        Evaluate(payer, "gas", payer.Funds.GasState());
    }

    private void Evaluate(ComingPayer payer, string fund, FundState? state)
    {
        if (payer.Logged.ChangeOf(fund, state) is not (var level, var balance)) return;
        var severity = level == FundLevel.Good ? LogLevel.Information : LogLevel.Warning;
        var from = payer.Entry.From!.Value.ToString("u", CultureInfo.InvariantCulture);
        LogLevelChanged(logger, severity, fund, payer.Address, payer.Entry.Name, from, level, balance);
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
