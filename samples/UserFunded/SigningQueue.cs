using System.Threading.Channels;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Samples.UserFunded;

/// <summary>Sends hashes to the signing service: one request at a time, with all that wait meanwhile in the next one.</summary>
public sealed class SigningQueue(SigningService service) : BackgroundService
{
    /// <summary>The max number of hashes in a request.</summary>
    public const int MaxBatch = 100;

    private const int MaxWaiting = 2_000;

    private readonly Channel<Waiting> _waiting = Channel.CreateBounded<Waiting>(MaxWaiting);

    /// <summary>Signs a hash.</summary>
    /// <param name="wallet">The wallet that signs.</param>
    /// <param name="hash">32 bytes.</param>
    /// <param name="cancellationToken">Cancelled when nobody waits for the signature.</param>
    /// <returns>65 bytes, as the service gave them.</returns>
    /// <exception cref="InvalidOperationException">The service does not sign for this wallet, or too many hashes wait.</exception>
    public Task<byte[]> SignAsync(EthereumAddress wallet, ReadOnlyMemory<byte> hash, CancellationToken cancellationToken)
    {
        var one = new Waiting(wallet, hash.ToArray(), cancellationToken);
        return _waiting.Writer.TryWrite(one)
            ? one.Signature.Task.WaitAsync(cancellationToken)
            : throw new InvalidOperationException("too many signatures of users are waited for");
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await _waiting.Reader.WaitToReadAsync(stoppingToken))
        {
            var batch = new List<Waiting>();
            while (batch.Count < MaxBatch && _waiting.Reader.TryRead(out var one))
            {
                if (!one.Left.IsCancellationRequested) batch.Add(one);
            }

            if (batch.Count > 0) await SendAsync(batch, stoppingToken);
        }
    }

    private async Task SendAsync(List<Waiting> batch, CancellationToken cancellationToken)
    {
        try
        {
            var signatures = await service.SignAsync([.. batch.Select(one => (one.Wallet, one.Hash))], cancellationToken);
            for (var i = 0; i < batch.Count; i++)
            {
                if (signatures[i] is { } signature) batch[i].Signature.TrySetResult(signature);
                else batch[i].Fail(new InvalidOperationException($"the signing service does not sign for {batch[i].Wallet}"));
            }
        }
#pragma warning disable CA1031 // Those that wait get it, whatever it is, and the next request is sent.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            foreach (var one in batch) one.Fail(exception);
        }
    }

    private sealed record Waiting(EthereumAddress Wallet, ReadOnlyMemory<byte> Hash, CancellationToken Left)
    {
        public TaskCompletionSource<byte[]> Signature { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Fail(Exception fault)
        {
            Signature.TrySetException(fault);
            // Who left does not read it.
            _ = Signature.Task.Exception;
        }
    }
}
