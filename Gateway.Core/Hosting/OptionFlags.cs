using System.Globalization;
using System.Text.RegularExpressions;

namespace Xmtp.Gateway.Hosting;

/// <summary>
/// The flags that the options of a gateway in code stand for, so that both are checked by the same rules, and their faults by the
/// names of the options.
/// </summary>
internal static partial class OptionFlags
{
    private static readonly Dictionary<string, string> Names = new()
    {
        ["payer.private-key"] = nameof(XmtpGatewayOptions.PayerPrivateKey),
        ["payer.private-key-file"] = nameof(XmtpGatewayOptions.PayerPrivateKeyFile),
        ["payer.keystore-file"] = nameof(XmtpGatewayOptions.PayerKeystoreFile),
        ["payer.keystore-password-file"] = nameof(XmtpGatewayOptions.PayerKeystorePasswordFile),
        ["contracts.environment"] = nameof(XmtpGatewayOptions.ContractsEnvironment),
        ["contracts.app-chain.rpc-url"] = nameof(XmtpGatewayOptions.AppChainRpcUrl),
        ["contracts.app-chain.wss-url"] = nameof(XmtpGatewayOptions.AppChainWssUrl),
        ["contracts.settlement-chain.rpc-url"] = nameof(XmtpGatewayOptions.SettlementChainRpcUrl),
        ["contracts.settlement-chain.wss-url"] = nameof(XmtpGatewayOptions.SettlementChainWssUrl),
        ["contracts.start-timeout"] = nameof(XmtpGatewayOptions.StartTimeout),
        ["redis.redis-url"] = nameof(XmtpGatewayOptions.RedisUrl),
        ["api.port"] = nameof(XmtpGatewayOptions.Port),
        ["api.bind-address"] = nameof(XmtpGatewayOptions.BindAddress),
        ["auth.allow-all"] = nameof(XmtpGatewayOptions.AllowAll),
    };

    /// <summary>The command line of these options.</summary>
    public static IReadOnlyList<string> Of(XmtpGatewayOptions options)
    {
        var isLocal = LocalChain.IsDefaultOf(options);
        var local = options.ContractsEnvironment == LocalChain.Environment;
        var app = options.AppChainRpcUrl ?? (isLocal ? LocalChain.Rpc : null);
        (string Flag, string? Value)[] given =
        [
            ("payer.private-key", options.PayerPrivateKey),
            ("payer.private-key-file", options.PayerPrivateKeyFile),
            ("payer.keystore-file", options.PayerKeystoreFile),
            ("payer.keystore-password-file", options.PayerKeystorePasswordFile),
            ("contracts.environment", options.ContractsEnvironment),
            ("contracts.app-chain.rpc-url", app?.OriginalString),
            ("contracts.app-chain.wss-url", (options.AppChainWssUrl ?? (isLocal ? LocalChain.Socket : null))?.OriginalString),
            ("contracts.settlement-chain.rpc-url", (options.SettlementChainRpcUrl ?? (local ? app : null))?.OriginalString),
            (
                "contracts.settlement-chain.wss-url",
                (options.SettlementChainWssUrl ?? (isLocal ? LocalChain.Socket : null))?.OriginalString),
            ("contracts.start-timeout", $"{Math.Max(0, (long)options.StartTimeout.TotalMilliseconds)}ms"),
            ("redis.redis-url", options.RedisUrl),
            ("api.port", options.Port.ToString(CultureInfo.InvariantCulture)),
            ("api.http-port", "-1"),
            ("api.bind-address", options.BindAddress),
            // Nothing in front of it has to notice the stop.
            ("api.shutdown-delay", "0s"),
            ("auth.allow-all", options.AllowAll ? "true" : null),
        ];
        return [.. given.Where(one => one.Value is not null).Select(one => $"--{one.Flag}={one.Value}"), .. options.Flags];
    }

    /// <summary>The faults of such a command line, with the names of the options in place of flags and variables.</summary>
    public static IReadOnlyList<string> InOptions(XmtpGatewayOptions options, IReadOnlyList<string> faults)
    {
        List<string> named = [.. faults.Select(InOptions)];
        if (!LocalChain.IsDefaultOf(options)) return named;
        // The four endpoints of the default are one program.
        return named.Exists(IsOfChain) ? [LocalChain.Unavailable, .. named.Where(fault => !IsOfChain(fault))] : named;
    }

    // A fault of a flag without an option is that of a flag that was given.
    private static string InOptions(string fault) => FlagAndVariable().Match(fault) is not { Success: true, Index: 0 } flag
        || !Names.ContainsKey(flag.Groups[1].Value)
            ? fault
            : FlagAndVariable().Replace(
                fault.Replace("the program calls UseSigner", $"{nameof(XmtpGatewayOptions.Signer)} is set", StringComparison.Ordinal),
                found => Names.TryGetValue(found.Groups[1].Value, out var option) ? option : found.Value);

    private static bool IsOfChain(string fault) =>
        fault.Contains("cannot be used", StringComparison.Ordinal)
            && Names.Any(name => name.Key.Contains("-chain.", StringComparison.Ordinal)
                && fault.StartsWith(name.Value, StringComparison.Ordinal));

    [GeneratedRegex(@"--([a-z][a-z.-]*[a-z])(?: \(XMTPD_[A-Z_]+\))?", RegexOptions.CultureInvariant)]
    private static partial Regex FlagAndVariable();
}
