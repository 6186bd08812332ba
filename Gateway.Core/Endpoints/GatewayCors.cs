using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Endpoints;

/// <summary>What web pages of payers may do besides: a preflight has no credential, so that it is answered for all of them.</summary>
/// <param name="Origins">Their origins.</param>
/// <param name="Headers">The headers with keys by which payers know their callers.</param>
internal sealed record PageAccess(IReadOnlyList<string> Origins, IReadOnlyList<string> Headers);

/// <summary>Where the payers' part of the CORS policy comes from. It may change: then another object is returned.</summary>
internal interface IPageAccess
{
    /// <summary>The part in force.</summary>
    PageAccess Pages { get; }
}

/// <summary>The CORS policy in force. Thread-safe.</summary>
internal sealed class GatewayCors(IOptions<ApiOptions> api, IOptions<CorsOptions> cors, IPageAccess? payers = null)
{
    private readonly Derived<PageAccess, CorsPolicy>? _ofPayers =
        payers is null ? null : new(() => payers.Pages, pages => BrowserAccess.PolicyOf(api.Value, pages));

    /// <summary>The policy: that of the settings, or with a payers file one that is made again when its pages change.</summary>
    internal CorsPolicy Current => _ofPayers?.Value ?? cors.Value.GetPolicy(BrowserAccess.Policy)!;
}
