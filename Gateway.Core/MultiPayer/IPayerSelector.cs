using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>
/// Selects the payer that pays for a caller, where the gateway has several. The default does so by the rules of the payers file.
/// </summary>
/// <remarks>
/// Singleton, called once per request and concurrently, after the caller was identified and before the body is read. What the caller's
/// token says is the feature <see cref="Identity.Jwt.VerifiedToken"/> of the call. An exception ends the request as INTERNAL.
/// </remarks>
public interface IPayerSelector
{
    /// <summary>Selects the payer of a call.</summary>
    /// <param name="caller">The caller.</param>
    /// <param name="call">The call: its headers, its connection and its features.</param>
    /// <param name="cancellationToken">Cancelled when the caller leaves.</param>
    ValueTask<PayerSelection> SelectAsync(ClientIdentity caller, HttpContext call, CancellationToken cancellationToken);
}
