using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.Idempotency;

/// <summary>The shared store's operations, the <c>.lua</c> files beside this one, each one atomic step.</summary>
/// <remarks>
/// A key an envelope; its value is <c>c</c> and the owner while it is claimed (expires with the lease), <c>d</c> and the
/// stored answer once it is published (expires with the window), or <c>p</c> where answers are kept on another server.
/// Times are the store's own.
/// </remarks>
internal static class RedisPublishedScripts
{
    internal static readonly string Claim = Load("claim");
    internal static readonly string Seize = Load("seize");
    internal static readonly string Publish = Load("publish");
    internal static readonly string Release = Load("release");
    internal static readonly string Renew = Load("renew");

    private static string Load(string name) => EmbeddedLua.Read(typeof(RedisPublishedScripts), name);
}
