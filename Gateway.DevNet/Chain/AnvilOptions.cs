using System.Net;

namespace Xmtp.Gateway.DevNet.Chain;

/// <summary>Options of a local chain.</summary>
/// <remarks>
/// Anvil holds the state of its last 500 blocks in memory. It would write older ones to the user's home folder, megabytes a
/// block, and leave them there; here they are dropped, so a call at an older block fails.
/// </remarks>
public sealed record AnvilOptions
{
    /// <summary>The address that it listens on; default 127.0.0.1.</summary>
    public IPAddress Host { get; init; } = IPAddress.Loopback;

    /// <summary>The port; 0, the default, takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>The chain's id. Default 31337.</summary>
    public ulong ChainId { get; init; } = 31337;

    /// <summary>The block time, in whole seconds of at least 1; null, the default, mines each transaction at once.</summary>
    public TimeSpan? BlockTime { get; init; }

    /// <summary>Mine each transaction at once as well, when there is a block time.</summary>
    public bool MixedMining { get; init; }

    /// <summary>Mine only on request.</summary>
    public bool NoMining { get; init; }

    /// <summary>More arguments for anvil, passed unchanged.</summary>
    public IReadOnlyList<string> MoreArguments { get; init; } = [];

    /// <summary>Receives the installer's progress, one line at a time; standard error when null.</summary>
    public Action<string>? Progress { get; init; }

    internal IEnumerable<string> Arguments()
    {
        var seconds = BlockTime is { } time
            ? ((int)Math.Max(1, time.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture)
            : null;
        string[] fixedOnes = ["--host", $"{Host}", "--port", $"{Port}", "--chain-id", $"{ChainId}", "--max-persisted-states", "0"];
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
