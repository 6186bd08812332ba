using System.Diagnostics.CodeAnalysis;
using Xmtp.Gateway.Chain.Abi;

namespace Xmtp.Gateway.Chain.Contracts;

/// <summary>
/// Decodes events: indexed members are in the topics after the first, one word each; the others are in the data.
/// </summary>
internal static class EventReader
{
    /// <summary>Reads one event.</summary>
    /// <param name="log">The log.</param>
    /// <param name="topic">The event's own topic.</param>
    /// <param name="indexed">How many indexed members it has.</param>
    /// <param name="read">Reads the indexed members from the first reader and the others from the second.</param>
    /// <param name="value">The event.</param>
    /// <returns>False when the log is another event, or is not encoded as this one.</returns>
    public static bool TryRead<T>(
        LogEntry log, Bytes32 topic, int indexed, Func<AbiReader, AbiReader, T> read, [NotNullWhen(true)] out T? value)
        where T : class
    {
        value = null;
        if (!log.Is(topic) || log.Topics.Count != indexed + 1) return false;
        try
        {
            value = read(new AbiReader(Words(log)), new AbiReader(log.Data));
            return true;
        }
        catch (AbiException)
        {
            return false;
        }
    }

    private static byte[] Words(LogEntry log)
    {
        var words = new byte[(log.Topics.Count - 1) * Bytes32.Size];
        for (var i = 1; i < log.Topics.Count; i++) log.Topics[i].CopyTo(words.AsSpan((i - 1) * Bytes32.Size));
        return words;
    }
}
