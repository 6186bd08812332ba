using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Identity.Jwt;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>Selects payers by the rules of the payers file. A caller that matches none, or those of two payers, is refused.</summary>
internal sealed class RulePayerSelector(PayerSet payers, IOptions<ClientAddressOptions> addresses) : IPayerSelector
{
    /// <inheritdoc/>
    public ValueTask<PayerSelection> SelectAsync(ClientIdentity caller, HttpContext call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        return ValueTask.FromResult(Select(call));
    }

    /// <summary>Selects the payer of a call.</summary>
    internal PayerSelection Select(HttpContext call)
    {
        var address = ForwardedFor.Client(call, addresses.Value.TrustedProxies);
        return payers.Rules.Find(call.Features.Get<VerifiedToken>(), call.Request.Headers, address);
    }
}
