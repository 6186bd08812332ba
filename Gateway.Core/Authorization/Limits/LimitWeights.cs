using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>
/// The amount that an envelope of each kind takes from a rate limit: whole numbers from 0 (free) to 1,000,000; default 1.
/// </summary>
public sealed record LimitWeights
{
    /// <summary>The max weight.</summary>
    public const int Max = 1_000_000;

    /// <summary>A group message that goes to a node.</summary>
    public int GroupMessage { get; init; } = 1;

    /// <summary>A group commit or proposal, which goes to the App Chain and costs gas.</summary>
    public int Commit { get; init; } = 1;

    /// <summary>A welcome.</summary>
    public int Welcome { get; init; } = 1;

    /// <summary>A key package.</summary>
    public int KeyPackage { get; init; } = 1;

    /// <summary>An identity update, which goes to the App Chain and costs gas.</summary>
    public int IdentityUpdate { get; init; } = 1;

    /// <summary>The weight of one envelope.</summary>
    public int Of(ParsedEnvelope envelope)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        return envelope.Payload switch
        {
            PayloadKind.GroupMessage => envelope.Destination == Destination.AppChain ? Commit : GroupMessage,
            PayloadKind.WelcomeMessage => Welcome,
            PayloadKind.UploadKeyPackage => KeyPackage,
            PayloadKind.IdentityUpdate => IdentityUpdate,
            _ => 1,
        };
    }

    internal bool AreInBounds =>
        new[] { GroupMessage, Commit, Welcome, KeyPackage, IdentityUpdate }.All(weight => weight is >= 0 and <= Max);
}
