namespace Xmtp.Gateway.DevNet;

/// <summary>A part of a local network that runs by itself, where something else runs the rest.</summary>
public enum DevNetPart
{
    /// <summary>An Anvil with the contracts, rates and the payer's money; neither nodes nor a gateway.</summary>
    Chain,

    /// <summary>Nodes on a chain that was given; no gateway.</summary>
    Nodes,
}
