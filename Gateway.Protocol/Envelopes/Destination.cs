namespace Xmtp.Gateway.Protocol.Envelopes;

/// <summary>Where an envelope is published.</summary>
public enum Destination
{
    /// <summary>A node of the XMTP Broadcast Network.</summary>
    BroadcastNetwork,

    /// <summary>The XMTP App Chain, as a transaction: identity updates, group commits and proposals.</summary>
    AppChain,
}
