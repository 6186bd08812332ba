namespace Xmtp.Gateway.BroadcastNetwork.Coalescing;

/// <summary>A publish was not sent: its claim may have ended while it waited for its call.</summary>
internal sealed class ClaimLapsedException() : Exception("the claim of the publish may have ended");
