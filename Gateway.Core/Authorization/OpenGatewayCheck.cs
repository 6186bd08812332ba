using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Endpoints;
using Xmtp.Gateway.Hosting.Contracts;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.Authorization;

/// <summary>
/// Callers are told apart where that protects money: on mainnet somebody says who may publish, or that everyone may; and
/// where addresses are what admits, web pages of others cannot call from behind such an address.
/// </summary>
internal sealed class OpenGatewayCheck(
    IServiceProvider services,
    UncheckedOptions<AuthOptions> auth,
    UncheckedOptions<ApiOptions> api,
    UncheckedOptions<ContractsOptions> contracts) : IStartCheck
{
    private const string Open =
        "--auth.allow-all (XMTPD_AUTH_ALLOW_ALL): on mainnet everyone who reaches this gateway would spend the payer's money; "
        + "expected rules on who may publish (--auth.jwt.*, --auth.allowlist, AddAuthorizer), or this flag when that is meant";

    private const string AnyPage =
        "--api.cors-origins (XMTPD_API_CORS_ORIGINS): * lets any web page that is opened at an address of --auth.allowlist " +
        "(XMTPD_AUTH_ALLOWLIST) publish; "
        + "expected the origins of your own pages, or none";

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken)
    {
        List<string> faults = [];
        if (KnowsAddressesAlone())
        {
            var authorizers = services.GetServices<IPublishAuthorizer>().ToList();
            if (ContractsEnvironment.IsMainnet(contracts.Value) && authorizers.Count == 0 && !auth.Value.AllowAll) faults.Add(Open);
            if (api.Value.CorsOrigins.Contains("*") && authorizers.OfType<AllowlistAuthorizer>().Any(list => list.HasAddresses))
                faults.Add(AnyPage);
        }

        return Task.FromResult<IReadOnlyList<string>>(faults);
    }

    // Tokens that are asked for and have faults are listed by their options.
    private bool KnowsAddressesAlone()
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
