using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>A feature of a call that a payer pays for: the payer does not end before the call, which disposes this.</summary>
/// <param name="payer">The payer, which the call has entered.</param>
/// <param name="identity">The caller, with the payer's name.</param>
internal sealed class AdmittedCall(Payer payer, ClientIdentity identity) : IDisposable
{
    private int _hasEnded;

    /// <summary>The payer.</summary>
    internal Payer Payer => payer;

    /// <summary>The caller.</summary>
    internal ClientIdentity Identity => identity;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _hasEnded, 1) == 0) payer.Leave();
    }
}
