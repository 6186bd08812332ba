using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Authorization;

/// <summary>What an authorizer sees of a publish: checked envelopes, before anything was signed or sent.</summary>
public sealed class PublishContext
{
    /// <summary>Who is asking.</summary>
    public required ClientIdentity Identity { get; init; }

    /// <summary>The envelopes in the request's order; each tells kind, size (bytes) and destination.</summary>
    public required IReadOnlyList<ParsedEnvelope> Envelopes { get; init; }

    /// <summary>What the request will cost by estimate; zero while no rates are known.</summary>
    public required CostEstimate Cost { get; init; }

    /// <summary>The call's headers.</summary>
    public required IHeaderDictionary Headers { get; init; }
}
