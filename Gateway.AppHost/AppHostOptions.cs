using System.Globalization;
using Microsoft.Extensions.Configuration;
using Xmtp.Gateway.AppHost.Deployment;

namespace Xmtp.Gateway.AppHost;

/// <summary>
/// The options of the command line; variables such as <c>XMTP_APPHOST_REDIS=managed</c> set them too, for tools like
/// azd.
/// </summary>
internal sealed record AppHostOptions
{
    private const string Prefix = "XMTP_APPHOST_";
    private static readonly string[] Networks = ["anvil", "testnet", "mainnet"];

    /// <summary>
    /// <c>--network anvil|testnet|mainnet</c>; null when not given: anvil for a run, a parameter for a publish.
    /// </summary>
    public string? Network { get; init; }

    /// <summary><c>--replicas N</c>: the number of gateways, 1 to 32; default 1.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary><c>--containers auto|yes|no</c>: auto, the default, checks whether a container runtime is available.</summary>
    public string Containers { get; init; } = "auto";

    /// <summary>
    /// <c>--redis container|managed</c>, for a publish: a Redis of its own (the default), or the connection string of
    /// an existing one; null when not given.
    /// </summary>
    public string? Redis { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="ArgumentException">A flag has an invalid value; the message names both.</exception>
    public static AppHostOptions Read(string[] args)
    {
        var flags = new ConfigurationBuilder().AddEnvironmentVariables(Prefix).AddCommandLine(args).Build();
        var defaults = new AppHostOptions();
        RefuseOtherTargets(flags["target"]);
        return new AppHostOptions
        {
            Network = flags["network"] is null ? null : OneOf(flags, "network", Networks, "anvil"),
            Replicas = Number(flags, "replicas", 1, 32, defaults.Replicas),
            Containers = OneOf(flags, "containers", ["auto", "yes", "no"], defaults.Containers),
            Redis = flags["redis"] is null
                ? null
                : OneOf(flags, "redis", [RedisChoice.Container, RedisChoice.Managed], RedisChoice.Container),
        };
    }

    // Compose and Kubernetes were targets before; their files are in deploy/ now.
    private static void RefuseOtherTargets(string? target)
    {
        if (target is null or "manifest") return;
        throw new ArgumentException(target is "compose" or "kubernetes"
            ? $"--target {target}: nothing is generated for it; the files to deploy with are in deploy/{target} (docs/deploy.md)"
            : $"--target: expected manifest, which is what azd reads, not '{target}'");
    }

    private static string OneOf(IConfiguration flags, string flag, string[] values, string otherwise)
    {
        var value = flags[flag] ?? otherwise;
        return values.Contains(value)
            ? value
            : throw new ArgumentException($"--{flag}: expected {string.Join(", ", values)}, not '{value}'");
    }

    private static int Number(IConfiguration flags, string flag, int min, int max, int otherwise)
    {
        if (flags[flag] is not { } text) return otherwise;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw new ArgumentException($"--{flag}: expected a whole number from {min} to {max}, not '{text}'");
    }
}
