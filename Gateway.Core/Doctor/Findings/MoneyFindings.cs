using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.AppChain.Senders.Funding;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Funds;
using Xmtp.Gateway.Costs.Rating;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Doctor.Findings;

/// <summary>Reports the current rates, and what both funds contain and pay for.</summary>
internal sealed class MoneyFindings
{
    private const int Kilobyte = 1024;
    private const uint AnyNodeId = 200;

    private readonly DoctorExamination _examination;
    private readonly string? _name;
    private readonly bool _isComing;
    private readonly CostChainClients _chains;
    private readonly Funding _funding;
    private readonly EthereumAddress _payer;
    private readonly CostsOptions _costs;
    private readonly FundsOptions _funds;
    private readonly EnvelopeCosts _prices;
    private readonly TimeProvider _time;

    private MoneyFindings(
        DoctorExamination examination,
        PayerScope payer,
        CostChainClients chains,
        Funding funding,
        EthereumAddress wallet,
        CostsOptions costs,
        FundsOptions funds,
        EnvelopeCosts prices,
        TimeProvider time)
    {
        _examination = examination;
        _name = payer.Coming is { From: var from } ? $"{payer.Name} from {Date(from)}" : payer.Name;
        _isComing = payer.Coming is not null;
        _chains = chains;
        _funding = funding;
        _payer = wallet;
        _costs = costs;
        _funds = funds;
        _prices = prices;
        _time = time;
    }

    /// <summary>Adds the findings of a payer.</summary>
    /// <param name="examination">Where they go.</param>
    /// <param name="payer">The payer.</param>
    /// <param name="withRates">Whether the rates are reported too: they are the same for every payer.</param>
    /// <param name="contracts">Both chains.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    internal static async Task AddAsync(
        DoctorExamination examination, PayerScope payer, bool withRates, ContractsOptions contracts, CancellationToken cancellationToken)
    {
        var services = payer.Services;
        if (contracts.AppChain.RpcUrl is null || contracts.SettlementChain.RpcUrl is null)
        {
            examination.Add(DoctorFinding.NotChecked("funds and rates", "an RPC URL is missing"));
            return;
        }

        var time = services.GetRequiredService<TimeProvider>();
        using var chains = new CostChainClients(contracts, time);
        try
        {
            var wallet = payer.Coming?.Address ?? services.GetRequiredService<ISigner>().Address;
            var money = new MoneyFindings(
                examination,
                payer,
                chains,
                new Funding(contracts, wallet),
                wallet,
                services.GetRequiredService<IOptions<CostsOptions>>().Value,
                services.GetRequiredService<IOptions<FundsOptions>>().Value, services.GetRequiredService<EnvelopeCosts>(), time);
            money.AddKey(payer.Until);
            var rates = withRates
                ? await money.AddRatesAsync(cancellationToken).ConfigureAwait(false)
                : await money.ReadRatesAsync(cancellationToken).ConfigureAwait(false);
            var gas = services.GetService<GasAccounts>() is { } senders
                ? money.AddGasAsync(senders, contracts, cancellationToken)
                : money.AddGasAsync("gas", money._payer, money._funding, cancellationToken);
            var given = services.GetService<FundingSetting>()?.Levels is { } levels
                ? money.AddGivenGasAsync(levels, cancellationToken)
                : Task.CompletedTask;
            await Task.WhenAll(money.AddPayerAsync(rates, cancellationToken), gas, given).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is GatewayStartException or OptionsValidationException)
        {
            examination.Add(DoctorFinding.NotChecked("funds and rates", "the configuration has faults"));
        }
    }

    // Whose key changes at a date is told of, with that date.
    private void AddKey(DateTimeOffset? until)
    {
        if (_isComing) _examination.Add(DoctorFinding.Ok(NameOf("key"), $"{_payer} pays from then on"));
        else if (until is { } end) _examination.Add(DoctorFinding.Ok(NameOf("key"), $"{_payer} pays until {Date(end)}"));
    }

    private static string Date(DateTimeOffset date) => date.ToString("u", CultureInfo.InvariantCulture);

    private string NameOf(string finding) => _name is null ? finding : $"{_name} {finding}";

    private async Task<Rates?> ReadRatesAsync(CancellationToken cancellationToken) =>
        _chains.HasRates && (await RateReader.ReadAsync(_chains.RateRegistry, cancellationToken).ConfigureAwait(false)).TryGet(
            out var schedule, out _) ? schedule.InForce(_time.GetUtcNow()) : null;

    private async Task<Rates?> AddRatesAsync(CancellationToken cancellationToken)
    {
        if (!_chains.HasRates)
        {
            _examination.Add(
                DoctorFinding.Warning(
                    "rates", "no --contracts.settlement-chain.rate-registry-address: publishing is not priced and not guarded"));
            return null;
        }

        var read = await RateReader.ReadAsync(_chains.RateRegistry, cancellationToken).ConfigureAwait(false);
        if (!read.TryGet(out var schedule, out var error))
        {
            _examination.Add(DoctorFinding.Fault("rates", $"they cannot be read: {error.Kind}"));
            return null;
        }

        var now = _time.GetUtcNow();
        if (schedule.InForce(now) is not { } rates)
        {
            _examination.Add(DoctorFinding.Warning("rates", "none are in force: publishing is not priced and not guarded"));
            return null;
        }

        var price = MessagePrice(rates);
        if (_costs.MaxMessagePrice > 0 && price > Picodollars.From(new Microdollars(_costs.MaxMessagePrice)))
        {
            _examination.Add(
                DoctorFinding.Fault(
                    "rates", $"a message of 1 KB costs {Dollars(price)}, more than --costs.max-message-price: it would be refused"));
        }
        else if (schedule.Next(now) is { } next
            && _costs.MaxRateJump > 0
            && MessagePrice(next).Value > price.Value * _costs.MaxRateJump
            && price.Value > 0)
        {
            _examination.Add(
                DoctorFinding.Warning(
                    "rates",
                    $"a message of 1 KB costs {Dollars(price)}, and {Dollars(MessagePrice(next))} " +
                    $"from {DateTimeOffset.FromUnixTimeSeconds((long)next.StartTime):u}: publishing will pause"));
        }
        else
        {
            _examination.Add(
                DoctorFinding.Ok(
                    "rates",
                    $"a message of 1 KB costs {Dollars(price)}, {Thousands(Buys(Picodollars.FromDollars(1).Value, price.Value) ?? 0)} " +
                    $"of them a dollar"));
        }
        return rates;
    }

    private async Task AddPayerAsync(Rates? rates, CancellationToken cancellationToken)
    {
        if (!_chains.HasPayers)
        {
            _examination.Add(
                DoctorFinding.Warning(NameOf("payer balance"), "no --contracts.settlement-chain.payer-registry-address: it is not read"));
            return;
        }

        var read = await FundsReader.ReadPayerAsync(_chains, _payer, _time, cancellationToken).ConfigureAwait(false);
        if (!read.TryGet(out var fund, out var error))
        {
            _examination.Add(DoctorFinding.Fault(NameOf("payer balance"), $"it cannot be read: {error.Kind}"));
            return;
        }

        var state = FundState.Of(fund.Balance.Value, 0, TimeSpan.Zero, _funds.PayerWarning, _funds.PayerCritical, _funds);
        var messages = rates is null ? null : Buys(Picodollars.From(fund.Balance).Value, MessagePrice(rates).Value);
        var text = $"{_payer} has {Dollars(Picodollars.From(fund.Balance))} in the payer registry {_chains.PayerRegistry.Address}"
            + (messages is { } count ? $", about {Thousands(count)} messages of 1 KB" : "")
            + (fund.PendingWithdrawal.Value > 0 ? $"; {Dollars(Picodollars.From(fund.PendingWithdrawal))} more are being withdrawn" : "");
        _examination.Add(Finding(NameOf("payer balance"), state.Level, text, _funding.Payer));
        if (_name is not null) return;
        _examination.Payer = new PayerFund(
            _payer.ToString(),
            _chains.PayerRegistry.Address.ToString(),
            Text(fund.Balance.Value),
            Text(fund.PendingWithdrawal.Value),
            messages is { } buys ? Text(buys) : null);
    }

    private async Task AddGasAsync(GasAccounts senders, ContractsOptions contracts, CancellationToken cancellationToken)
    {
        foreach (var sender in senders.All)
        {
            await AddGasAsync(
                $"gas of the sender {sender}", sender, new Funding(contracts, sender), cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task AddGasAsync(string finding, EthereumAddress account, Funding funding, CancellationToken cancellationToken)
    {
        var read = await FundsReader.ReadGasAsync(_chains, account, _time, cancellationToken).ConfigureAwait(false);
        if (!read.TryGet(out var fund, out var error))
        {
            _examination.Add(DoctorFinding.Fault(NameOf(finding), $"the balance cannot be read: {error.Kind}"));
            return;
        }

        var (balance, commit) = ((Int128)fund.Balance.Amount, (Int128)_prices.GasOf(Kilobyte).Amount);
        var level = balance < commit
            ? FundLevel.Empty
            : FundState.Of(balance, 0, TimeSpan.Zero, commit * _funds.GasWarning, commit * _funds.GasCritical, _funds).Level;
        var commits = Buys(balance, commit);
        var text = $"{account} has {Dollars(_prices.PriceOf(fund.Balance))} ({fund.Balance}) on the App Chain" + (commits is { } count
            ? $", about {Thousands(count)} commits of 1 KB"
            : "");
        _examination.Add(
            Finding(NameOf(finding), level, text, $"{funding.Gas}; without gas nothing is published there"));
        if (_name is null) _examination.Gas = new GasFund(account.ToString(), Text(balance), commits is { } buys ? Text(buys) : null);
    }

    // What a payer with senders has for them.
    private async Task AddGivenGasAsync(FundingLevels levels, CancellationToken cancellationToken)
    {
        var name = NameOf("gas for its senders");
        var read = await FundsReader.ReadGasAsync(_chains, _payer, _time, cancellationToken).ConfigureAwait(false);
        if (!read.TryGet(out var fund, out var error))
        {
            _examination.Add(DoctorFinding.Fault(name, $"the balance cannot be read: {error.Kind}"));
            return;
        }

        var text = $"{_payer} has {Dollars(_prices.PriceOf(fund.Balance))} ({fund.Balance}) on the App Chain, which its senders get";
        _examination.Add(
            fund.Balance > Wei.FromGwei(levels.To)
                ? DoctorFinding.Ok(name, text)
                : DoctorFinding.Warning(name, $"{text}: less than one of them may get at once: {_funding.Gas}"));
    }

    private DoctorFinding Finding(string name, FundLevel level, string text, string remedy) => level switch
    {
        FundLevel.Good => DoctorFinding.Ok(name, text),
        FundLevel.Empty when _isComing => DoctorFinding.Warning(name, $"{text}: {remedy}"),
        FundLevel.Empty => DoctorFinding.Fault(name, $"{text}: {remedy}"),
        _ => DoctorFinding.Warning(name, $"{text}, which is low: {remedy}"),
    };

    private static Picodollars MessagePrice(Rates rates) =>
        new(EnvelopeCosts.BaseFee(rates, PayerEnvelopeWriter.PayerEnvelopeSize(AnyNodeId, Kilobyte)));

    private static Int128? Buys(Int128 balance, Int128 price) => price <= 0 ? null : Int128.Max(0, balance / price);

    private static string Dollars(Picodollars amount) => string.Create(CultureInfo.InvariantCulture, $"${amount.ToDollars():0.00########}");

    private static string Thousands(Int128 count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Text(Int128 value) => value.ToString(CultureInfo.InvariantCulture);
}
