namespace Xmtp.Gateway.Redis;

/// <summary>The scripts that check a store: the <c>.lua</c> files next to this one.</summary>
internal static class RedisStoreScripts
{
    internal static readonly string Probe = Load("probe");
    internal static readonly string Layout = Load("layout");

    private static string Load(string name) => EmbeddedLua.Read(typeof(RedisStoreScripts), name);
}
