using System.Globalization;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.DevNet.Nodes.Indexing;

namespace Xmtp.Gateway.DevNet;

/// <summary>
/// Where a network keeps what it has across restarts: the chain's state, files for each node, and the times of the
/// chain's envelopes.
/// </summary>
internal static class DataFolder
{
    /// <summary>
    /// What anvil is told: it writes its state each second and when it ends, and begins with it. A chain that was given
    /// keeps its own.
    /// </summary>
    public static IReadOnlyList<string> ChainArguments(DevNetOptions options) =>
        options.DataDirectory is null ? [] : ["--state", PathOf(options.DataDirectory, "chain.json"), "--state-interval", "1"];

    /// <summary>A node's store, from its file; null where nothing is kept.</summary>
    /// <exception cref="DevNetException">The file cannot be opened.</exception>
    public static EnvelopeStore? NodeStore(DevNetOptions options, uint nodeId)
    {
        if (options.DataDirectory is null) return null;
        var path = PathOf(options.DataDirectory, string.Create(CultureInfo.InvariantCulture, $"node-{nodeId}.envelopes"));
        return Open(() => new EnvelopeStore(path));
    }

    /// <summary>When the App Chain's envelopes were read first.</summary>
    /// <exception cref="DevNetException">The file cannot be opened.</exception>
    public static ChainTimes ChainTimes(DevNetOptions options) =>
        options.DataDirectory is null ? new ChainTimes() : Open(() => new ChainTimes(PathOf(options.DataDirectory, "chain.times")));

    private static T Open<T>(Func<T> open)
    {
        try
        {
            return open();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DevNetException($"--data: {exception.Message}");
        }
    }

    private static string PathOf(string folder, string file)
    {
        try
        {
            return Path.Combine(Directory.CreateDirectory(folder).FullName, file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DevNetException($"--data: {exception.Message}");
        }
    }
}
