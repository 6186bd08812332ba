using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Endpoints;
using Xmtp.Gateway.Endpoints.Admission;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>Refuses web pages whose origin is not one of the payer that would pay for them.</summary>
/// <remarks>
/// A preflight has no credential: it is answered for the origins of all payers together, so that a page of one payer could publish with
/// the token of another. Programs send no Origin.
/// </remarks>
internal sealed class PayerOrigins(IOptions<ApiOptions> api)
{
    private readonly CorsPolicy? _gateway = api.Value.CorsOrigins.Contains("*") ? null : PolicyOf(api.Value.CorsOrigins);
    private readonly ConditionalWeakTable<PayerEntry, CorsPolicy> _own = [];

    /// <summary>Decides on a call.</summary>
    /// <returns>Null, or the refusal, which names the origin.</returns>
    internal PublishError? Check(HttpRequest request, Payer payer)
    {
        if (request.Headers.Origin.Count == 0) return null;
        var policy = payer.Entry is { Origins: not null } entry ? _own.GetValue(entry, static one => PolicyOf(one.Origins!)) : _gateway;
        var origin = request.Headers.Origin.ToString();
        return policy is null || policy.IsOriginAllowed(origin) ? null : ForeignOrigins.Refusal(origin, "this caller's payer");
    }

    private static CorsPolicy PolicyOf(IReadOnlyList<string> origins) => BrowserAccess.Allow(new CorsPolicyBuilder(), origins).Build();
}
