namespace Xmtp.Gateway.Redis;

/// <summary>What is run to look at a store: the <c>.lua</c> files beside this one.</summary>
internal static class RedisStoreScripts
{
    internal static readonly string Probe = Load("probe");
    internal static readonly string Layout = Load("layout");

    private static string Load(string name) => EmbeddedLua.Read(typeof(RedisStoreScripts), name);
}
