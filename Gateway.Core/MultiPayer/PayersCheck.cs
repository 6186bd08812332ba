using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.AppChain;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Endpoints;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Hosting.Flags;
using Xmtp.Gateway.Hosting.Keys;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Identity.Jwt;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>Checks the payers file: its keys, its rules, its issuers, and that nothing else names a payer.</summary>
internal sealed class PayersCheck(
    IServiceProvider services,
    IServiceProviderIsService registered,
    PayerSet payers,
    PayerKeySource key,
    SettingTable table,
    UncheckedOptions<ContractsOptions> contracts,
    UncheckedOptions<ApiOptions> api,
    TimeProvider time) : IStartCheck
{
    private readonly string _name = table.Group<PayersSettings>().Name;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken)
    {
        List<string> faults = [.. payers.Reading.Faults, .. OtherPayers(), .. Rules(), .. Pages(), .. Rates()];
        PayersIdentityResolver.OptionsOf(payers.Reading.Document, table.Group<JwtSettings>(), faults);
        if (faults.Count == 0) faults.AddRange(Issuers());
        return faults.Count > 0 ? faults : await KindAsync(cancellationToken).ConfigureAwait(false);
    }

    private IEnumerable<string> OtherPayers()
    {
        foreach (var given in key.Given)
            yield return $"{given}: it names the one payer for everyone, and {_name} several; expected one of both";
        if (registered.IsService(typeof(ISigner)))
            yield return $"UseSigner: it names the one payer for everyone, and {_name} several; expected UsePayerSigner";
        if (registered.IsService(typeof(INonceStore)))
            yield return $"INonceStore: it holds the nonces of one account, and {_name} names several; expected none";
    }

    private IEnumerable<string> Rules() => services.GetRequiredService<IPayerSelector>() is not RulePayerSelector
        ? []
        : payers.Reading.Document.Payers.Where(payer => payer.Callers.Count == 0)
            .Select(payer => $"{payer.Place}: callers: expected at least one rule");

    private IEnumerable<string> Pages() => !api.Value.CorsOrigins.Contains("*")
        ? []
        : payers.Reading.Document.Payers.Where(payer => payer.Origins is null && payer.Callers.Any(rule => rule is AddressRule))
            .Select(payer => $"{payer.Place}: origins: any web page that is opened at an address of its rules could publish; " +
                "expected the origins of its own pages, or an empty list");

    private IEnumerable<string> Rates()
    {
        var chain = contracts.Value.SettlementChain;
        if (chain.ChainId == 0 || !chain.RateRegistry.IsZero) yield break;
        foreach (var payer in payers.Reading.Document.Payers)
        {
            if (payer.Settings.GetValueOrDefault(PayersFile.Settings["budgets"]) is null) continue;
            yield return $"{payer.Place}: budgets: they count by the rates; " +
                $"expected {table.Find("--contracts.settlement-chain.rate-registry-address")!.Name}";
        }
    }

    // A rule on tokens needs their keys, and one on an issuer the keys of that issuer alone: others could write its name.
    private IEnumerable<string> Issuers()
    {
        var identities = TryIdentities();
        if (payers.Reading.Document.Issuers.Count > 0 && identities is not (null or PayersIdentityResolver))
            yield return $"{_name}: issuers: the program identifies callers itself; expected none";
        IReadOnlyList<JwtIdentityResolver>? verifiers = identities switch
        {
            PayersIdentityResolver several => several.Verifiers,
            JwtIdentityResolver one => [one],
            _ => null,
        };
        if (verifiers is null || !payers.Rules.AskForTokens) yield break;
        if (verifiers.Count == 0)
        {
            yield return $"{_name}: rules name tokens, and no keys verify any; expected issuers in the file, or --auth.jwt.*";
            yield break;
        }

        // The issuer of a discovery document has no name here.
        var known = verifiers.Select(one => one.Issuer).OfType<string>().ToList();
        var isAnyUnnamed = verifiers.Any(one => one.Issuer is null);
        foreach (var twice in known.GroupBy(issuer => issuer, StringComparer.Ordinal).Where(same => same.Count() > 1))
            yield return $"{_name}: issuers: {twice.Key} is there twice; expected each issuer once, --auth.jwt.issuer included";
        foreach (var issuer in payers.Rules.Issuers.Except(known, StringComparer.Ordinal).Where(_ => !isAnyUnnamed))
        {
            yield return $"{_name}: callers: no keys are bound to the issuer {issuer} of a rule; expected it among the file's issuers, " +
                "or as --auth.jwt.issuer, for which * is not enough";
        }
    }

    // Faults of --auth.jwt.* are reported by their options.
    private IIdentityResolver? TryIdentities()
    {
        try
        {
            return services.GetRequiredService<IIdentityResolver>();
        }
        catch (Exception other) when (other is OptionsValidationException or InvalidOperationException)
        {
            return null;
        }
    }

    private async Task<IReadOnlyList<string>> KindAsync(CancellationToken cancellationToken)
    {
        try
        {
            var check = new AppChainKindCheck(payers.All.First().Services, contracts, time);
            return await check.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception other)
            when (other is GatewayStartException or OptionsValidationException or InvalidOperationException or ArgumentException)
        {
            // Faults of the options are reported by their own checks.
            return [];
        }
    }
}
