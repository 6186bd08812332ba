using System.Net;

namespace Xmtp.Gateway.DevNet.Chain;

/// <summary>How a local chain runs.</summary>
public sealed record AnvilOptions
{
    /// <summary>The address of this machine that it listens on; 127.0.0.1 by default.</summary>
    public IPAddress Host { get; init; } = IPAddress.Loopback;

    /// <summary>The port; 0, the default, takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>The chain's id. Default 31337.</summary>
    public ulong ChainId { get; init; } = 31337;

    /// <summary>Mine each so often, in whole seconds of at least 1; null, the default, mines each transaction at once.</summary>
    public TimeSpan? BlockTime { get; init; }

    /// <summary>With a block time: mine each transaction at once as well.</summary>
    public bool MixedMining { get; init; }

    /// <summary>Mine only when told to.</summary>
    public bool NoMining { get; init; }

    /// <summary>More arguments for anvil, as they are.</summary>
    public IReadOnlyList<string> MoreArguments { get; init; } = [];

    /// <summary>What the installer has to tell while it works, one line at a time; the standard error when null.</summary>
    public Action<string>? Progress { get; init; }

    internal IEnumerable<string> Arguments()
    {
        var seconds = BlockTime is { } time
            ? ((int)Math.Max(1, time.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture)
            : null;
        string[] fixedOnes = ["--host", $"{Host}", "--port", $"{Port}", "--chain-id", $"{ChainId}"];
        string[] mining = (seconds, MixedMining, NoMining) switch
        {
            (_, _, true) => ["--no-mining"],
            (null, _, _) => [],
            (_, true, _) => ["--block-time", seconds, "--mixed-mining"],
            _ => ["--block-time", seconds],
        };
        return [.. fixedOnes, .. mining, .. MoreArguments];
    }
}
