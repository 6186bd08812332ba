namespace Xmtp.Gateway.Protocol.Envelopes;

/// <summary>The payload of a client envelope; the values are the field numbers of the payload oneof.</summary>
public enum PayloadKind
{
    /// <summary>No payload.</summary>
    None = 0,

    /// <summary>A group message.</summary>
    GroupMessage = 2,

    /// <summary>A welcome.</summary>
    WelcomeMessage = 3,

    /// <summary>A key package.</summary>
    UploadKeyPackage = 4,

    /// <summary>An identity update.</summary>
    IdentityUpdate = 5,

    /// <summary>A payer report: nodes only.</summary>
    PayerReport = 6,

    /// <summary>An attestation of a payer report: nodes only.</summary>
    PayerReportAttestation = 7,
}
