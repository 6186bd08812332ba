using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Identity.Jwt;

namespace Xmtp.Gateway.Doctor.Findings;

/// <summary>
/// Checks whether the keys of each issuer of tokens are available. Without them a gateway starts, but nobody with a token of that
/// issuer may publish.
/// </summary>
internal static class TokenFindings
{
    private const string Name = "token keys";

    internal static async Task AddAsync(DoctorExamination examination, IServiceProvider services, CancellationToken cancellationToken)
    {
        var time = services.GetRequiredService<TimeProvider>();
        await Task.WhenAll(services.GetRequiredService<IIdentityResolver>() switch
        {
            JwtIdentityResolver one => [AddAsync(examination, Name, one.Options, time, cancellationToken)],
            ITokenVerifiers several => several.Verifiers.Select(
                one => AddAsync(examination, $"{Name} of {one.Issuer ?? "the discovered issuer"}", one.Options, time, cancellationToken)),
            _ => [],
        }).ConfigureAwait(false);
    }

    private static async Task AddAsync(
        DoctorExamination examination, string name, JwtOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        using var source = new JwtKeySource(Options.Create(options), time, NullLogger<JwtKeySource>.Instance);
        var found = await source.GetAsync(cancellationToken).ConfigureAwait(false);
        var url = options.JwksUrl ?? options.DiscoveryUrl;
        var from = url is null ? "PEM" : RedactedUrl.Of(url);
        examination.Add(found is null
            ? DoctorFinding.Fault(name, $"the keys of the tokens' issuer cannot be fetched from {from}: nobody with its tokens can publish")
            : DoctorFinding.Ok(name, $"{found.Keys.Count} from {from}"));
    }
}
