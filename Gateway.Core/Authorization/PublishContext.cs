using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Authorization;

/// <summary>The input of an authorizer: checked envelopes, before anything was signed or sent.</summary>
public sealed class PublishContext
{
    /// <summary>The caller.</summary>
    public required ClientIdentity Identity { get; init; }

    /// <summary>The envelopes in the request's order; each has its kind, size (bytes) and destination.</summary>
    public required IReadOnlyList<ParsedEnvelope> Envelopes { get; init; }

    /// <summary>The estimated cost of the request; zero while no rates are known.</summary>
    public required CostEstimate Cost { get; init; }

    /// <summary>The call's headers.</summary>
    public required IHeaderDictionary Headers { get; init; }
}
