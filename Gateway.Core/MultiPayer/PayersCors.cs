using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Endpoints;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>Serves the gateway's CORS policy as the payers file is now. Those of the program are served as without it.</summary>
internal sealed class PayersCors(GatewayCors gateway, IOptions<CorsOptions> program) : ICorsPolicyProvider
{
    private readonly DefaultCorsPolicyProvider _program = new(program);

    /// <inheritdoc/>
    public Task<CorsPolicy?> GetPolicyAsync(HttpContext context, string? policyName) => policyName == BrowserAccess.Policy
        ? Task.FromResult<CorsPolicy?>(gateway.Current)
        : _program.GetPolicyAsync(context, policyName);
}
