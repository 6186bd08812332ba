using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.ChainWatcher.Checkpoints;

/// <summary>The operations of the checkpoint store: the <c>.lua</c> files next to this one, each an atomic step.</summary>
internal static class CheckpointScripts
{
    internal static readonly RedisScript Acquire = Load("acquire");
    internal static readonly RedisScript Save = Load("save");
    internal static readonly RedisScript Release = Load("release");

    private static RedisScript Load(string name) => RedisScript.Read(typeof(CheckpointScripts), name);
}
