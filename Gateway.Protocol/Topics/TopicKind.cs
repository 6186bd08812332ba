namespace Xmtp.Gateway.Protocol.Topics;

/// <summary>The first byte of a topic.</summary>
public enum TopicKind : byte
{
    /// <summary>Messages of a group; the identifier is the group's.</summary>
    GroupMessages = 0,

    /// <summary>Welcomes; the identifier is the installation key's.</summary>
    WelcomeMessages = 1,

    /// <summary>Identity updates; the identifier is the inbox's.</summary>
    IdentityUpdates = 2,

    /// <summary>Key packages; the identifier is the installation key's.</summary>
    KeyPackages = 3,

    /// <summary>Payer reports: nodes only.</summary>
    PayerReports = 4,

    /// <summary>Attestations of payer reports: nodes only.</summary>
    PayerReportAttestations = 5,
}
