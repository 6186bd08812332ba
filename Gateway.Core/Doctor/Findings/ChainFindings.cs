using Xmtp.Gateway.AppChain;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Hosting.Keys;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.Doctor.Findings;

/// <summary>
/// The results of the start checks, one line each for the key, the four URLs, the contracts and the store.
/// </summary>
internal static class ChainFindings
{
    internal static IEnumerable<DoctorFinding> Of(
        ContractsOptions contracts,
        IReadOnlyList<(IStartCheck Check, IReadOnlyList<string> Faults)> outside,
        IReadOnlyList<string> configuration,
        bool hasRedis)
    {
        foreach (var (check, faults) in outside)
        {
            if (check is ChainCheck || (!hasRedis && faults.Count == 0 && check is RedisCheck or NonceLayoutCheck)) continue;
            foreach (var fault in faults) yield return DoctorFinding.Fault(check.Subject, fault);
            foreach (var warning in check is PayerKeyCheck { Warnings: var unsafeFiles } ? unsafeFiles : [])
                yield return DoctorFinding.Warning(check.Subject, warning);
            if (faults.Count > 0 || check is AppChainKindCheck) continue;
            yield return check switch
            {
                PayerKeyCheck key => DoctorFinding.Ok(check.Subject, key.Found),
                NodeKeyCheck { IsChecked: false } => DoctorFinding.NotChecked(check.Subject, "the nodes or the key cannot be read"),
                _ => DoctorFinding.Ok(check.Subject, "as it must be"),
            };
        }

        if (!hasRedis)
        {
            yield return DoctorFinding.Ok(
                "Redis", "not configured: state is in memory, and this gateway must be the only one with its payer");
        }

        var chainFaults = outside.Where(one => one.Check is ChainCheck).SelectMany(one => one.Faults).ToList();
        foreach (var chain in new[] { ChainEndpoint.App(contracts.AppChain), ChainEndpoint.Settlement(contracts.SettlementChain) })
        {
            foreach (var finding in Urls(chain, chainFaults, configuration)) yield return finding;
            foreach (var (flag, address) in chain.Contracts)
                if (FaultOf(chain.FlagPrefix + flag, chainFaults) is { } fault) yield return DoctorFinding.Fault(flag, fault);
                else if (address.IsZero) continue;
                else if (chain.Id == 0 || chain.RpcUrl is null || FaultOf(chain.FlagPrefix + "rpc-url", chainFaults) is not null)
                    yield return DoctorFinding.NotChecked(flag, $"{address}: the {chain.Name} cannot be read, or is not known");
                else yield return DoctorFinding.Ok(flag, $"there is code at {address}");
        }
    }

    private static IEnumerable<DoctorFinding> Urls(ChainEndpoint chain, List<string> faults, IReadOnlyList<string> configuration)
    {
        foreach (var (kind, url) in new[] { ("rpc-url", chain.RpcUrl), ("wss-url", chain.WssUrl) })
        {
            var (flag, name) = (chain.FlagPrefix + kind, $"{chain.Name} {kind}");
            if (FaultOf(flag, faults) is { } fault) yield return DoctorFinding.Fault(name, fault);
            else if (FaultOf(flag, configuration) is not null) continue;
            else if (url is not null && chain.Id == 0)
                yield return DoctorFinding.NotChecked(name, $"{RedactedUrl.Of(url)}: which chain id it must have is not known");
            else if (url is not null) yield return DoctorFinding.Ok(name, $"{RedactedUrl.Of(url)} has chain id {chain.Id}");
            else if (kind == "wss-url") yield return DoctorFinding.Ok(name, "not set: the chain is polled");
        }
    }

    private static string? FaultOf(string flag, IEnumerable<string> faults) =>
        faults.FirstOrDefault(fault => fault.StartsWith($"--{flag} ", StringComparison.Ordinal));
}
