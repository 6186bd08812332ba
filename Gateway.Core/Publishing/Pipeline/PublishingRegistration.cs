using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Spending;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.Publishing.Pipeline;

internal static class PublishingRegistration
{
    /// <summary>Adds the pipeline of one payer in front of both flows.</summary>
    internal static IServiceCollection AddPublishing(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<PublishMetrics>();
        services.TryAddSingleton<IPublishHandler>(provider => provider.GetRequiredService<PublishPipeline>());
        return services.AddPipeline().AddCostEstimates().AddIdempotency();
    }

    /// <summary>Adds what is a payer's own: the pipeline.</summary>
    internal static IServiceCollection AddPipeline(this IServiceCollection services)
    {
        services.TryAddSingleton(
            provider => new EnvelopeRouter(
                provider.GetServices<IEnvelopePublisher>(), provider.GetRequiredService<ILogger<EnvelopeRouter>>()));
        services.TryAddSingleton(provider => new MeteredPublisher(
            provider.GetRequiredService<EnvelopeRouter>(),
            provider.GetRequiredService<ICostEstimator>(),
            provider.GetService<PublishLimits>(),
            provider.GetRequiredService<SpendLedger>(),
            provider.GetRequiredService<ILogger<MeteredPublisher>>(),
            provider.GetService<IHeldBytes>()));
        services.TryAddSingleton(provider => new IdempotentPublisher(
            provider.GetRequiredService<MeteredPublisher>(),
            provider.GetRequiredService<IOptions<IdempotencyOptions>>().Value.Window > TimeSpan.Zero
                ? provider.GetRequiredService<IPublishedStore>()
                : null,
            provider.GetRequiredService<IdempotencyMetrics>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<RepetitionLimit>(),
            provider.GetRequiredService<IOptions<IdempotencyOptions>>().Value.StoreWaitTimeout,
            provider.GetService<IHeldBytes>()));
        services.TryAddSingleton(provider => new PublishPipeline(
            provider.GetRequiredService<IIdentityResolver>(),
            provider.GetRequiredService<PublishAuthorization>(),
            provider.GetRequiredService<ICostEstimator>(),
            provider.GetRequiredService<SpendingGuard>(),
            provider.GetRequiredService<EnvelopeRouter>(),
            provider.GetRequiredService<IdempotentPublisher>(),
            provider.GetRequiredService<ILogger<PublishPipeline>>(),
            provider.GetService<RepetitionLimit>()));
        return services;
    }
}
