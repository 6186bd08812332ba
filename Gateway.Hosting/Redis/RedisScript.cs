using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace Xmtp.Gateway.Redis;

/// <summary>A script that is called by its hash, which is computed once. Thread-safe.</summary>
/// <param name="text">The text of the script.</param>
internal sealed class RedisScript(string text)
{
#pragma warning disable CA5350 // Redis names scripts by SHA-1.
    private readonly byte[] _hash = SHA1.HashData(Encoding.UTF8.GetBytes(text));
#pragma warning restore CA5350

    /// <summary>Reads a script from <c>.lua</c> files; see <see cref="EmbeddedLua"/>.</summary>
    internal static RedisScript Read(Type beside, params ReadOnlySpan<string> files) => new(EmbeddedLua.Read(beside, files));

    /// <summary>Runs it. A server that does not know it gets its text first.</summary>
    internal async Task<RedisResult> RunAsync(IDatabaseAsync store, RedisKey[] keys, RedisValue[] arguments)
    {
        try
        {
            return await store.ScriptEvaluateAsync(_hash, keys, arguments).ConfigureAwait(false);
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            // Nothing of it has run.
            return await store.ScriptEvaluateAsync(text, keys, arguments).ConfigureAwait(false);
        }
    }
}
