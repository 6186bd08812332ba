using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Identity.Jwt;

namespace Xmtp.Gateway.Doctor;

/// <summary>
/// Checks whether the keys of the tokens' issuer are available. Without them a gateway starts, but nobody may publish.
/// </summary>
internal static class TokenFindings
{
    private const string Name = "token keys";

    internal static async Task AddAsync(DoctorExamination examination, IServiceProvider services, CancellationToken cancellationToken)
    {
        if (services.GetRequiredService<IIdentityResolver>() is not JwtIdentityResolver) return;
        var options = services.GetRequiredService<IOptions<JwtOptions>>();
        using var source = new JwtKeySource(options, services.GetRequiredService<TimeProvider>(), NullLogger<JwtKeySource>.Instance);
        var (found, url) = (
            await source.GetAsync(cancellationToken).ConfigureAwait(false), options.Value.JwksUrl ?? options.Value.DiscoveryUrl);
        var from = url is null ? "PEM" : RedactedUrl.Of(url);
        examination.Add(found is null
            ? DoctorFinding.Fault(Name, $"the keys of the tokens' issuer cannot be fetched from {from}: nobody can publish")
            : DoctorFinding.Ok(Name, $"{found.Keys.Count} from {from}"));
    }
}
