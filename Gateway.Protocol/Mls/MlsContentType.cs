namespace Xmtp.Gateway.Protocol.Mls;

/// <summary>The content type of an MLS message (RFC 9420, section 6).</summary>
public enum MlsContentType : byte
{
    /// <summary>Application data: published to the Broadcast Network.</summary>
    Application = 1,

    /// <summary>A proposal: published to the App Chain.</summary>
    Proposal = 2,

    /// <summary>A commit: published to the App Chain.</summary>
    Commit = 3,
}
