namespace Xmtp.Gateway.AppHost.Deployment;

/// <summary>
/// Who may publish through a deployed gateway. Without a rule the deployment is refused, as it would be open to the
/// public.
/// </summary>
/// <remarks>
/// These are parameters with a default, for which azd does not prompt: they are set by
/// <c>azd env set AZURE_ALLOWLIST …</c>. Their names have no hyphen, because azd creates an output with the same name
/// for each.
/// </remarks>
internal static class PublishRules
{
    private static readonly string[] Rules = ["AZURE_JWT_DISCOVERY_URL", "AZURE_JWT_JWKS_URL", "AZURE_ALLOWLIST"];

    /// <summary>Sets the gateway's rules, limits and trusted proxies, when it is published.</summary>
    /// <exception cref="ArgumentException">No rule says who may publish.</exception>
    public static IResourceBuilder<ProjectResource> WithPublishRules(this IResourceBuilder<ProjectResource> gateway)
    {
        var builder = gateway.ApplicationBuilder;
        if (!builder.ExecutionContext.IsPublishMode) return gateway;
        Check(Environment.GetEnvironmentVariable, AzdEnvironment.Read(builder.AppHostDirectory, Environment.GetEnvironmentVariable));
        return gateway
            .With("XMTPD_AUTH_ALLOW_ALL", "allowAll", "false")
            .With("XMTPD_AUTH_ALLOWLIST", "allowlist")
            .With("XMTPD_AUTH_JWT_DISCOVERY_URL", "jwtDiscoveryUrl")
            .With("XMTPD_AUTH_JWT_JWKS_URL", "jwtJwksUrl")
            .With("XMTPD_AUTH_JWT_ISSUER", "jwtIssuer")
            .With("XMTPD_AUTH_JWT_AUDIENCE", "jwtAudience")
            .With("XMTPD_API_CORS_ORIGINS", "corsOrigins")
            .With("XMTPD_API_TRUSTED_PROXIES", "trustedProxies")
            .With("XMTPD_LIMITS", "limits", "stock")
            .With("XMTPD_BUDGETS", "budgets");
    }

    /// <summary>Refuses a deployment without a rule about who may publish.</summary>
    /// <param name="variable">Reads an environment variable of the process.</param>
    /// <param name="environments">azd's environments that may be in use.</param>
    /// <exception cref="ArgumentException">No rule says who may publish.</exception>
    public static void Check(Func<string, string?> variable, IReadOnlyList<AzdEnvironment> environments)
    {
        bool IsGiven(string name, Func<string, bool> counts) =>
            environments.Select(environment => environment[name]).Append(variable(name) ?? string.Empty).Any(counts);
        if (Rules.Any(rule => IsGiven(rule, value => value.Length > 0)) || IsGiven("AZURE_ALLOW_ALL", value => value == "true")) return;
        throw new ArgumentException(
            "nothing says who may publish, and the gateway would be open to the public: azd env set AZURE_JWT_DISCOVERY_URL (or " +
            "AZURE_JWT_JWKS_URL) and AZURE_JWT_AUDIENCE for tokens, "
            + "AZURE_ALLOWLIST for a list, or AZURE_ALLOW_ALL true for everyone (docs/deploy.md)");
    }

    private static IResourceBuilder<ProjectResource> With(
        this IResourceBuilder<ProjectResource> gateway, string variable, string parameter, string otherwise = "") =>
        gateway.WithEnvironment(variable, gateway.ApplicationBuilder.AddParameter(parameter, otherwise, publishValueAsDefault: true));
}
