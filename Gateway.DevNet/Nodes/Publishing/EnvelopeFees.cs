namespace Xmtp.Gateway.DevNet.Nodes.Publishing;

/// <summary>What a node charges for an envelope, in picodollars.</summary>
/// <param name="BaseFee">For the message and its bytes.</param>
/// <param name="CongestionFee">For the network's being busy.</param>
internal readonly record struct EnvelopeFees(ulong BaseFee, ulong CongestionFee)
{
    /// <summary>Both together.</summary>
    /// <exception cref="OverflowException">It does not fit 64 bits.</exception>
    public ulong Total => checked(BaseFee + CongestionFee);
}
