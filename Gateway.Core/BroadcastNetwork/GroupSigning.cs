using Microsoft.Extensions.Logging;
using Xmtp.Gateway.BroadcastNetwork.Nodes;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>
/// Signs a group for a node: with the payer's key, or with the caller's wallet where it has one. A key that fails is logged at most once in
/// 10 s, so that its payer's callers cost the others no more than a refusal.
/// </summary>
internal sealed class GroupSigning(ISigner signer, TimeProvider time, ILogger<NodeGroupPublisher> logger)
{
    private readonly LogThrottle _lines = new(TimeSpan.FromSeconds(10), time);

    /// <summary>Signs. Does not throw.</summary>
    /// <param name="group">The group.</param>
    /// <param name="node">The node that the signatures are for.</param>
    /// <param name="signatures">65 bytes per envelope.</param>
    /// <param name="deadline">Ends the wait.</param>
    /// <param name="life">Ends with the attempt.</param>
    /// <param name="cancellationToken">Cancelled when the caller leaves.</param>
    /// <returns>Null when all are signed.</returns>
    internal async ValueTask<PublishError?> SignAsync(
        NodeGroup group,
        NetworkNode node,
        byte[] signatures,
        PublishDeadline deadline,
        AttemptLifetime life,
        CancellationToken cancellationToken)
    {
        using var span = PublishTracing.Sign(group.Envelopes.Count);
        try
        {
            var wallet = group.Caller?.Wallet ?? signer;
            var signing = PayerSigning.SignAsync(wallet, node.Id, group.Envelopes, signatures, life.Token);
            if (!signing.IsCompletedSuccessfully) await deadline.Bound(signing.AsTask(), life.Token).ConfigureAwait(false);
            return null;
        }
        catch (OperationCanceledException) when (life.Token.IsCancellationRequested)
        {
            return PublishFaults.LeftOr(PublishFaults.DeadlinePassed, cancellationToken);
        }
        catch (DeadlinePassedException)
        {
            return PublishFaults.DeadlinePassed;
        }
#pragma warning disable CA1031 // a remote key service can throw anything, and its exception is not for the caller
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (_lines.TryPass(out var suppressed)) NodeLog.NotSigned(logger, suppressed, exception);
            return PublishFaults.NotSigned;
        }
    }
}
