using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.ChainWatcher.Checkpoints;

/// <summary>The operations of the checkpoint store: the <c>.lua</c> files next to this one, each an atomic step.</summary>
internal static class CheckpointScripts
{
    internal static readonly string Acquire = Load("acquire");
    internal static readonly string Save = Load("save");
    internal static readonly string Release = Load("release");

    private static string Load(string name) => EmbeddedLua.Read(typeof(CheckpointScripts), name);
}
