using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Identity.Jwt;

namespace Xmtp.Gateway.Hosting;

/// <summary>Makes a gateway your own: <c>Use…</c> picks one of a kind in place of the default, <c>Add…</c> adds one of many.</summary>
/// <remarks>
/// Whatever is registered in <see cref="Services"/> before <c>AddXmtpGateway</c> stays: the gateway's own parts are
/// only added where nothing is.
/// </remarks>
public sealed class XmtpGatewayBuilder
{
    internal XmtpGatewayBuilder(IServiceCollection services) => Services = services;

    /// <summary>The services of the application.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Says who is asking by a type of your own, made once by dependency injection. The client's address is the default.</summary>
    public XmtpGatewayBuilder UseIdentity<T>()
        where T : class, IIdentityResolver
    {
        Services.Replace(ServiceDescriptor.Singleton<IIdentityResolver, T>());
        return this;
    }

    /// <summary>Says who is asking by a function.</summary>
    public XmtpGatewayBuilder UseIdentity(Func<HttpContext, CancellationToken, ValueTask<IdentityResult>> resolve)
    {
        ArgumentNullException.ThrowIfNull(resolve);
        Services.Replace(ServiceDescriptor.Singleton<IIdentityResolver>(new IdentityFunction(resolve)));
        return this;
    }

    /// <summary>Adds a rule on who may publish, as a type of your own, made once by dependency injection.</summary>
    public XmtpGatewayBuilder AddAuthorizer<T>()
        where T : class, IPublishAuthorizer
    {
        Services.AddSingleton<IPublishAuthorizer, T>();
        return this;
    }

    /// <summary>Adds a rule on who may publish, as a function.</summary>
    public XmtpGatewayBuilder AddAuthorizer(Func<PublishContext, CancellationToken, ValueTask<AuthorizationDecision>> authorize)
    {
        ArgumentNullException.ThrowIfNull(authorize);
        Services.AddSingleton<IPublishAuthorizer>(new AuthorizerFunction(authorize));
        return this;
    }

    /// <summary>
    /// Says who is asking by bearer tokens: the user is the claim <c>sub</c>. What flags and variables
    /// (<c>--auth.jwt.*</c>) say is there already, and what is set here goes over it.
    /// </summary>
    public XmtpGatewayBuilder UseJwt(Action<JwtOptions>? configure = null)
    {
        Services.Configure<JwtOptions>(jwt => jwt.IsAskedFor = true);
        if (configure is not null) Services.Configure(configure);
        return UseIdentity<JwtIdentityResolver>();
    }

    /// <summary>
    /// Admits these identities alone: user ids of tokens, or client addresses and CIDR ranges. Each list that is added
    /// must hold the caller.
    /// </summary>
    public XmtpGatewayBuilder AddAllowlist(params IEnumerable<string> identities)
    {
        Services.AddSingleton<IPublishAuthorizer>(new AllowlistAuthorizer(identities));
        return this;
    }

    /// <summary>Adds the stock rate limit for each client: <see cref="RateLimit.Stock"/>.</summary>
    public XmtpGatewayBuilder AddRateLimit() => AddRateLimit(RateLimit.Stock);

    /// <summary>Adds a rate limit for each client, every envelope weighing the same.</summary>
    /// <param name="amount">Envelopes, 1 to 10,000,000.</param>
    /// <param name="per">1 ms to 7 days.</param>
    public XmtpGatewayBuilder AddRateLimit(int amount, TimeSpan per) => AddRateLimit(new RateLimit(amount, per));

    /// <summary>Adds a rate limit. All limits and budgets hold: a publish takes from each of them or from none.</summary>
    public XmtpGatewayBuilder AddRateLimit(RateLimit limit)
    {
        ArgumentNullException.ThrowIfNull(limit);
        Services.Configure<LimitsOptions>(limits => limits.Rates.Add(limit));
        return this;
    }

    /// <summary>Adds a budget for each client, in dollars a day or month.</summary>
    public XmtpGatewayBuilder AddBudget(decimal dollars, BudgetPeriod per) => AddBudget(new Budget(Picodollars.FromDollars(dollars), per));

    /// <summary>Adds a budget. All limits and budgets hold.</summary>
    public XmtpGatewayBuilder AddBudget(Budget budget)
    {
        ArgumentNullException.ThrowIfNull(budget);
        Services.Configure<LimitsOptions>(limits => limits.Budgets.Add(budget));
        return this;
    }

    /// <summary>Signs with a signer of your own, such as a remote key service, in place of <c>--payer.private-key</c>.</summary>
    public XmtpGatewayBuilder UseSigner(ISigner signer)
    {
        ArgumentNullException.ThrowIfNull(signer);
        return UseSigner(_ => signer);
    }

    /// <summary>Signs with a signer that is made when the gateway starts.</summary>
    public XmtpGatewayBuilder UseSigner(Func<IServiceProvider, ISigner> create)
    {
        Services.Replace(ServiceDescriptor.Singleton(create));
        return this;
    }

    private sealed class IdentityFunction(Func<HttpContext, CancellationToken, ValueTask<IdentityResult>> resolve) : IIdentityResolver
    {
        public ValueTask<IdentityResult> ResolveAsync(HttpContext context, CancellationToken cancellationToken) =>
            resolve(context, cancellationToken);
    }

    private sealed class AuthorizerFunction(Func<PublishContext, CancellationToken, ValueTask<AuthorizationDecision>> authorize)
        : IPublishAuthorizer
    {
        public ValueTask<AuthorizationDecision> AuthorizeAsync(PublishContext publish, CancellationToken cancellationToken) =>
            authorize(publish, cancellationToken);
    }
}
