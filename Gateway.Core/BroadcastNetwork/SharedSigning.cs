using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>Signs the envelopes of a batch on the calling thread, together with threads of the pool that have nothing else to do.</summary>
/// <remarks>
/// Each thread takes one envelope after the other. The caller waits only for those that others are signing when none is left, so a
/// thread that comes late costs nothing.
/// </remarks>
internal sealed class SharedSigning : IThreadPoolWorkItem
{
    /// <summary>Fewer envelopes are signed by the time that another thread has begun.</summary>
    internal const int MinEnvelopes = 8;

    private readonly PrivateKeySigner _signer;
    private readonly uint _node;
    private readonly IReadOnlyList<ParsedEnvelope> _envelopes;
    private readonly Memory<byte> _signatures;
    private int _taken;
    private int _unsigned;
    private volatile Exception? _fault;

    private SharedSigning(PrivateKeySigner signer, uint node, IReadOnlyList<ParsedEnvelope> envelopes, Memory<byte> signatures)
    {
        _signer = signer;
        _node = node;
        _envelopes = envelopes;
        _signatures = signatures;
        _unsigned = envelopes.Count;
    }

    /// <summary>Writes 65 bytes per envelope into <paramref name="signatures"/>.</summary>
    /// <exception cref="InvalidOperationException">The curve could not sign.</exception>
    internal static void Sign(PrivateKeySigner signer, uint node, IReadOnlyList<ParsedEnvelope> envelopes, Memory<byte> signatures)
    {
        var signing = new SharedSigning(signer, node, envelopes, signatures);
        // While work waits for a thread, none is free.
        if (ThreadPool.PendingWorkItemCount == 0) signing.AskForHelp();
        signing.SignSome();
        signing.Wait();
    }

    /// <inheritdoc/>
    public void Execute() => SignSome();

    private void AskForHelp()
    {
        var most = Math.Min(Environment.ProcessorCount, _envelopes.Count / (MinEnvelopes / 2));
        for (var helpers = 1; helpers < most; helpers++) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private void SignSome()
    {
        Span<byte> hash = stackalloc byte[Keccak256.HashSize];
        while (Interlocked.Increment(ref _taken) - 1 is var i && i < _envelopes.Count)
        {
            try
            {
                PayerSigning.Sign(_signer, _node, _envelopes, i, hash, _signatures.Span);
            }
#pragma warning disable CA1031 // the caller throws it
            catch (Exception exception)
#pragma warning restore CA1031
            {
                _fault = exception;
            }
            finally
            {
                Interlocked.Decrement(ref _unsigned);
            }
        }
    }

    // For at most one signature of each other thread.
    private void Wait()
    {
        var wait = default(SpinWait);
        while (Volatile.Read(ref _unsigned) > 0) wait.SpinOnce(sleep1Threshold: -1);
        if (_fault is { } fault) throw new InvalidOperationException("the batch was not signed", fault);
    }
}
