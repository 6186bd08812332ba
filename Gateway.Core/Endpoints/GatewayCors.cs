using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;

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
    private volatile Made? _made;

    /// <summary>The policy: that of the settings, or with payers that have pages one that is made again when these change.</summary>
    internal CorsPolicy Current
    {
        get
        {
            if (payers?.Pages is not { } pages) return cors.Value.GetPolicy(BrowserAccess.Policy)!;
            if (_made is { } made && ReferenceEquals(made.For, pages)) return made.Policy;
            return (_made = new Made(pages, BrowserAccess.PolicyOf(api.Value, pages))).Policy;
        }
    }

    private sealed record Made(PageAccess For, CorsPolicy Policy);
}
