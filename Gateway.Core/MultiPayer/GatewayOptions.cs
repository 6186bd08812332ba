using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>The services of the gateway, from those of a payer.</summary>
/// <param name="Services">What all payers share.</param>
internal sealed record SharedServices(IServiceProvider Services);

/// <summary>The gateway's options, for a payer that has none of its own.</summary>
internal sealed class GatewayOptions<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(
    SharedServices gateway) : IOptions<T>
    where T : class
{
    /// <inheritdoc/>
    public T Value => gateway.Services.GetRequiredService<IOptions<T>>().Value;
}
