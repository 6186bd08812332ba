using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Endpoints;
using Xmtp.Gateway.Hosting.Contracts;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.Authorization;

/// <summary>
/// Checks that callers are restricted where that protects money: on mainnet the configuration must say who may
/// publish, or that everyone may; and with an allowlist of addresses, CORS must not let web pages of any origin call
/// from such an address.
/// </summary>
internal sealed class OpenGatewayCheck(
    IServiceProvider services,
    UncheckedOptions<AuthOptions> auth,
    UncheckedOptions<ApiOptions> api,
    UncheckedOptions<ContractsOptions> contracts) : IStartCheck
{
    private const string Open =
        "--auth.allow-all (XMTPD_AUTH_ALLOW_ALL): on mainnet everyone who reaches this gateway would spend the payer's money; "
        + "expected rules on who may publish (--auth.jwt.*, --auth.allowlist, AddAuthorizer), or this flag to confirm";

    private const string AnyPage =
        "--api.cors-origins (XMTPD_API_CORS_ORIGINS): * lets any web page that is opened at an address of --auth.allowlist " +
        "(XMTPD_AUTH_ALLOWLIST) publish; "
        + "expected the origins of your own pages, or none";

    /// <inheritdoc/>
    public string Subject => "who may publish";

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken)
    {
        List<string> faults = [];
        if (HasAddressRulesOnly())
        {
            var authorizers = services.GetServices<IPublishAuthorizer>().ToList();
            if (ContractsEnvironment.IsMainnet(contracts.Value) && authorizers.Count == 0 && !auth.Value.AllowAll) faults.Add(Open);
            if (api.Value.CorsOrigins.Contains("*") && authorizers.OfType<AllowlistAuthorizer>().Any(list => list.HasAddresses))
                faults.Add(AnyPage);
        }

        return Task.FromResult<IReadOnlyList<string>>(faults);
    }

    // Faults of configured tokens are reported by their options.
    private bool HasAddressRulesOnly()
    {
        try
        {
            return services.GetRequiredService<IIdentityResolver>() is ClientAddressIdentityResolver;
        }
        catch (OptionsValidationException)
        {
            return false;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
