using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Identity.Jwt;
using Xmtp.Gateway.MultiPayer;

namespace Xmtp.Gateway.Hosting;

/// <summary>Customizes a gateway: <c>Use…</c> replaces a default part, <c>Add…</c> adds one of many.</summary>
/// <remarks>
/// Services registered in <see cref="Services"/> before <c>AddXmtpGateway</c> are kept: the gateway adds its own parts
/// only where none is registered.
/// </remarks>
public sealed class XmtpGatewayBuilder
{
    internal XmtpGatewayBuilder(IServiceCollection services) => Services = services;

    /// <summary>The services of the application.</summary>
    public IServiceCollection Services { get; }

    /// <summary>
    /// Identifies callers with a custom type, created once by dependency injection. The default is the client's address. A type
    /// that needs a scoped service is a fault at start.
    /// </summary>
    public XmtpGatewayBuilder UseIdentity<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>()
        where T : class, IIdentityResolver
    {
        Services.Replace(ServiceDescriptor.Singleton<IIdentityResolver, T>());
        return this;
    }

    /// <summary>
    /// Identifies callers with a custom type, created for each call in a scope of its own, so that it may need scoped services,
    /// such as a database context.
    /// </summary>
    public XmtpGatewayBuilder UseScopedIdentity<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>()
        where T : class, IIdentityResolver
    {
        Services.TryAddScoped<T>();
        return UseIdentity<ScopedIdentityResolver<T>>();
    }

    /// <summary>Identifies callers with a function.</summary>
    public XmtpGatewayBuilder UseIdentity(Func<HttpContext, CancellationToken, ValueTask<IdentityResult>> resolve)
    {
        ArgumentNullException.ThrowIfNull(resolve);
        Services.Replace(ServiceDescriptor.Singleton<IIdentityResolver>(new IdentityFunction(resolve)));
        return this;
    }

    /// <summary>
    /// Adds a rule on who may publish, as a custom type, created once by dependency injection. A type that needs a scoped
    /// service is a fault at start.
    /// </summary>
    public XmtpGatewayBuilder AddAuthorizer<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>()
        where T : class, IPublishAuthorizer
    {
        Services.AddSingleton<IPublishAuthorizer, T>();
        return this;
    }

    /// <summary>
    /// Adds a rule on who may publish, as a custom type, created for each publish in a scope of its own, so that it may need
    /// scoped services, such as a database context.
    /// </summary>
    public XmtpGatewayBuilder AddScopedAuthorizer<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>()
        where T : class, IPublishAuthorizer
    {
        Services.TryAddScoped<T>();
        var created = typeof(ICallerAuthorizer).IsAssignableFrom(typeof(T))
            ? typeof(ScopedCallerAuthorizer<T>)
            : typeof(ScopedAuthorizer<T>);
        Services.AddSingleton(typeof(IPublishAuthorizer), created);
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
    /// Adds a rule on who may publish that needs no envelopes, as a function: it decides before the body of a request is read.
    /// </summary>
    public XmtpGatewayBuilder AddAuthorizer(
        Func<ClientIdentity, IHeaderDictionary, CancellationToken, ValueTask<AuthorizationDecision>> authorize)
    {
        ArgumentNullException.ThrowIfNull(authorize);
        Services.AddSingleton<IPublishAuthorizer>(new CallerAuthorizerFunction(authorize));
        return this;
    }

    /// <summary>
    /// Identifies callers by bearer tokens: the user is the claim <c>sub</c>. Flags and variables (<c>--auth.jwt.*</c>)
    /// are applied first, and <paramref name="configure"/> overrides them.
    /// </summary>
    public XmtpGatewayBuilder UseJwt(Action<JwtOptions>? configure = null)
    {
        Services.Configure<JwtOptions>(jwt => jwt.IsAskedFor = true);
        if (configure is not null) Services.Configure(configure);
        return UseIdentity<JwtIdentityResolver>();
    }

    /// <summary>
    /// Allows only these identities: user ids of tokens, or client addresses and CIDR ranges. Each list that is added
    /// must contain the caller.
    /// </summary>
    public XmtpGatewayBuilder AddAllowlist(params IEnumerable<string> identities)
    {
        Services.AddSingleton<IPublishAuthorizer>(new AllowlistAuthorizer(identities));
        return this;
    }

    /// <summary>Adds the stock rate limit for each client: <see cref="RateLimit.Stock"/>.</summary>
    public XmtpGatewayBuilder AddRateLimit() => AddRateLimit(RateLimit.Stock);

    /// <summary>Adds a rate limit for each client, with the same weight for every envelope.</summary>
    /// <param name="amount">Envelopes, 1 to 10,000,000.</param>
    /// <param name="per">1 ms to 7 days.</param>
    public XmtpGatewayBuilder AddRateLimit(int amount, TimeSpan per) => AddRateLimit(new RateLimit(amount, per));

    /// <summary>Adds a rate limit. All limits and budgets apply: a publish takes from each of them or from none.</summary>
    public XmtpGatewayBuilder AddRateLimit(RateLimit limit)
    {
        ArgumentNullException.ThrowIfNull(limit);
        Services.Configure<LimitsOptions>(limits => limits.Rates.Add(limit));
        return this;
    }

    /// <summary>Adds a budget for each client, in dollars per day or month.</summary>
    public XmtpGatewayBuilder AddBudget(decimal dollars, BudgetPeriod per) => AddBudget(new Budget(Picodollars.FromDollars(dollars), per));

    /// <summary>Adds a budget. All limits and budgets apply.</summary>
    public XmtpGatewayBuilder AddBudget(Budget budget)
    {
        ArgumentNullException.ThrowIfNull(budget);
        Services.Configure<LimitsOptions>(limits => limits.Budgets.Add(budget));
        return this;
    }

    /// <summary>Signs with a custom signer, such as a remote key service, instead of <c>--payer.private-key</c>.</summary>
    public XmtpGatewayBuilder UseSigner(ISigner signer)
    {
        ArgumentNullException.ThrowIfNull(signer);
        return UseSigner(_ => signer);
    }

    /// <summary>Signs with a signer that is created when the gateway starts.</summary>
    public XmtpGatewayBuilder UseSigner(Func<IServiceProvider, ISigner> create)
    {
        Services.Replace(ServiceDescriptor.Singleton(create));
        return this;
    }

    /// <summary>
    /// Signs for one of several payers with a custom signer, such as a remote key service: its entry in the payers file has no key.
    /// </summary>
    /// <param name="payer">Its name in the payers file.</param>
    /// <param name="create">Creates the signer when the gateway starts.</param>
    public XmtpGatewayBuilder UsePayerSigner(string payer, Func<IServiceProvider, ISigner> create)
    {
        ArgumentException.ThrowIfNullOrEmpty(payer);
        ArgumentNullException.ThrowIfNull(create);
        Services.AddKeyedSingleton(payer, (services, _) => create(services));
        return this;
    }

    /// <summary>
    /// Selects payers with a custom type, created once by dependency injection, in place of the rules of the payers file, which select
    /// only where it returns <see cref="PayerSelection.ByRules"/>. It has no effect without a payers file.
    /// </summary>
    public XmtpGatewayBuilder UsePayerSelector<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>()
        where T : class, IPayerSelector
    {
        Services.Replace(ServiceDescriptor.Singleton<IPayerSelector, T>());
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

    private sealed class CallerAuthorizerFunction(
        Func<ClientIdentity, IHeaderDictionary, CancellationToken, ValueTask<AuthorizationDecision>> authorize) : ICallerAuthorizer
    {
        public ValueTask<AuthorizationDecision> AuthorizeAsync(
            ClientIdentity caller, IHeaderDictionary headers, CancellationToken cancellationToken) =>
            authorize(caller, headers, cancellationToken);
    }
}
