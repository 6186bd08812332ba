using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Xmtp.Gateway.AppChain;
using Xmtp.Gateway.Costs;

namespace Xmtp.Gateway.Publishing;

internal static class PublishingRegistration
{
    /// <summary>The pipeline that both flows hang on.</summary>
    internal static IServiceCollection AddPublishing(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<PublishMetrics>();
        services.TryAddSingleton<PublishPipeline>();
        services.TryAddSingleton<ICostEstimator, NoRatesYet>();
        services.AddSingleton<IEnvelopePublisher, NoAppChain>();
        return services;
    }
}
