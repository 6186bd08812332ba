namespace Xmtp.Gateway.DevNet;

/// <summary>A part of a local network that can be started alone, with the rest running elsewhere.</summary>
public enum DevNetPart
{
    /// <summary>An Anvil with the contracts, rates and the payer's money; neither nodes nor a gateway.</summary>
    Chain,

    /// <summary>Nodes on a given chain; no gateway.</summary>
    Nodes,
}
