using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Endpoints;
using Xmtp.Gateway.Hosting.Flags;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Identity.Jwt;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>Checks what a payers file says against the rest of the gateway: its rules, its issuers, its pages and its budgets.</summary>
internal sealed class PayersFileCheck(
    IServiceProvider services,
    SettingTable table,
    UncheckedOptions<ContractsOptions> contracts,
    UncheckedOptions<ApiOptions> api)
{
    private readonly string _name = table.Group<PayersSettings>().Name;

    /// <summary>All faults of a file, those of its reading included. Calls nothing outside.</summary>
    internal IReadOnlyList<string> Faults(PayersReading reading)
    {
        var document = reading.Document;
        List<string> faults = [.. reading.Faults, .. Rules(document), .. Pages(document), .. Rates(document)];
        PayersIdentityResolver.OptionsOf(document, table.Group<JwtSettings>(), faults);
        if (faults.Count == 0) faults.AddRange(Issuers(document, new PayerRules(document.Payers)));
        return faults;
    }

    private IEnumerable<string> Rules(PayersDocument document) => services.GetRequiredService<IPayerSelector>() is not RulePayerSelector
        ? []
        : document.Payers.Where(payer => payer.Callers.Count == 0)
            .Select(payer => $"{payer.Place}: callers: expected at least one rule");

    private IEnumerable<string> Pages(PayersDocument document) => !api.Value.CorsOrigins.Contains("*")
        ? []
        : document.Payers.Where(payer => payer.Origins is null && payer.Callers.Any(rule => rule is AddressRule))
            .Select(payer => $"{payer.Place}: origins: any web page that is opened at an address of its rules could publish; " +
                "expected the origins of its own pages, or an empty list");

    private IEnumerable<string> Rates(PayersDocument document)
    {
        var chain = contracts.Value.SettlementChain;
        if (chain.ChainId == 0 || !chain.RateRegistry.IsZero) yield break;
        foreach (var payer in document.Payers)
        {
            if (payer.Settings.GetValueOrDefault(PayersFile.Settings["budgets"]) is null) continue;
            yield return $"{payer.Place}: budgets: they count by the rates; " +
                $"expected {table.Find("--contracts.settlement-chain.rate-registry-address")!.Name}";
        }
    }

    // A rule on tokens needs their keys, and one on an issuer the keys of that issuer alone: others could write its name.
    private IEnumerable<string> Issuers(PayersDocument document, PayerRules rules)
    {
        var identities = TryIdentities();
        if (document.Issuers.Count > 0 && identities is not (null or PayersIdentityResolver))
            yield return $"{_name}: issuers: the program identifies callers itself; expected none";
        IReadOnlyList<string?>? verified = identities switch
        {
            PayersIdentityResolver several => several.IssuersWith(document),
            JwtIdentityResolver one => [one.Issuer],
            _ => null,
        };
        if (verified is null || !rules.AskForTokens) yield break;
        if (verified.Count == 0)
        {
            yield return $"{_name}: rules name tokens, and no keys verify any; expected issuers in the file, or --auth.jwt.*";
            yield break;
        }

        // The issuer of a discovery document has no name here.
        var known = verified.OfType<string>().ToList();
        foreach (var twice in known.GroupBy(issuer => issuer, StringComparer.Ordinal).Where(same => same.Count() > 1))
            yield return $"{_name}: issuers: {twice.Key} is there twice; expected each issuer once, --auth.jwt.issuer included";
        foreach (var issuer in rules.Issuers.Except(known, StringComparer.Ordinal).Where(_ => !verified.Contains(null)))
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
}
