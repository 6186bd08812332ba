namespace Xmtp.Gateway.Protocol.Mls;

/// <summary>What an MLS message frames (RFC 9420, section 6).</summary>
public enum MlsContentType : byte
{
    /// <summary>Application data: goes to the Broadcast Network.</summary>
    Application = 1,

    /// <summary>A proposal: goes to the App Chain.</summary>
    Proposal = 2,

    /// <summary>A commit: goes to the App Chain.</summary>
    Commit = 3,
}
