namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>Decides which of a node's answers have their signature verified.</summary>
/// <remarks>
/// Verifying costs more than signing. When sampled: the first 32 answers of a connection, then one in 16 at random, and
/// after a wrong one all until 32 in a row were right. Count, originator and the client's bytes are checked on every
/// answer.
/// </remarks>
internal sealed class SignatureSampling(bool always)
{
    private const int InARow = 32;
    private const int OneIn = 16;

    private int _left = InARow;

#pragma warning disable CA5394 // a sample, not a secret
    internal bool ShouldCheck() => always || Volatile.Read(ref _left) > 0 || Random.Shared.Next(OneIn) == 0;
#pragma warning restore CA5394

    internal void WasRight()
    {
        if (Volatile.Read(ref _left) > 0) Interlocked.Decrement(ref _left);
    }

    internal void WasWrong() => Volatile.Write(ref _left, InARow);
}
