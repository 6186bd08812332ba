using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.Idempotency;

/// <summary>The shared store's operations: the <c>.lua</c> files beside this one, each of them atomic.</summary>
/// <remarks>
/// One key per envelope. Its value is <c>c</c> and the owner while it is claimed (expires with the lease), <c>d</c> and
/// the stored answer once it is published (expires with the window), or <c>p</c> when answers are kept on another
/// server. Expiry uses the store's clock.
/// </remarks>
internal static class RedisPublishedScripts
{
    internal static readonly RedisScript Claim = Load("claim");
    internal static readonly RedisScript Seize = Load("seize");
    internal static readonly RedisScript Publish = Load("publish");
    internal static readonly RedisScript Release = Load("release");
    internal static readonly RedisScript Renew = Load("renew");

    private static RedisScript Load(string name) => RedisScript.Read(typeof(RedisPublishedScripts), name);
}
