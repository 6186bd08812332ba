using System.Globalization;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.DevNet.Nodes.Indexing;

namespace Xmtp.Gateway.DevNet;

/// <summary>
/// The files that a network keeps across restarts: the chain's state, the envelopes of each node, and the times of the
/// chain's envelopes.
/// </summary>
internal static class DataFolder
{
    /// <summary>
    /// The arguments that make anvil load its state at start and save it each second and at exit. A given chain keeps
    /// its own state.
    /// </summary>
    public static IReadOnlyList<string> ChainArguments(DevNetOptions options) =>
        options.DataDirectory is null ? [] : ["--state", PathOf(options.DataDirectory, "chain.json"), "--state-interval", "1"];

    /// <summary>A node's store, loaded from its file; null when nothing is kept.</summary>
    /// <exception cref="DevNetException">The file cannot be opened.</exception>
    public static EnvelopeStore? NodeStore(DevNetOptions options, uint nodeId)
    {
        if (options.DataDirectory is null) return null;
        var path = PathOf(options.DataDirectory, string.Create(CultureInfo.InvariantCulture, $"node-{nodeId}.envelopes"));
        return Open(() => new EnvelopeStore(path));
    }

    /// <summary>The times at which the App Chain's envelopes were read first.</summary>
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
