using Xmtp.Gateway.AppChain.Senders;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Hosting.Keys;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>The keys of a payer.</summary>
/// <param name="Signer">Its own.</param>
/// <param name="Senders">Those that send its transactions; null where it sends itself.</param>
internal sealed record PayerKeys(ISigner Signer, SenderSigners? Senders)
{
    /// <summary>Opens the key files that were not opened when the payers file was read.</summary>
    /// <exception cref="GatewayStartException">One of them cannot be used, or has the key of another address.</exception>
    internal async ValueTask<PayerKeys> OpenAsync(CancellationToken cancellationToken)
    {
        var signer = await OpenAsync(Signer, cancellationToken).ConfigureAwait(false);
        if (Senders is null) return this with { Signer = signer };
        List<ISigner> senders = [];
        foreach (var sender in Senders.All) senders.Add(await OpenAsync(sender, cancellationToken).ConfigureAwait(false));
        return new PayerKeys(signer, Senders with { All = senders });
    }

    private static ValueTask<ISigner> OpenAsync(ISigner signer, CancellationToken cancellationToken) =>
        signer is DeferredKeystore keystore ? keystore.OpenAsync(cancellationToken) : new(signer);
}
