namespace Xmtp.Gateway.DevNet.Nodes.Publishing;

/// <summary>The fees of an envelope, in picodollars.</summary>
/// <param name="BaseFee">The fee for the message and its bytes.</param>
/// <param name="CongestionFee">The fee for congestion.</param>
internal readonly record struct EnvelopeFees(ulong BaseFee, ulong CongestionFee)
{
    /// <summary>The sum of both fees.</summary>
    /// <exception cref="OverflowException">The sum does not fit 64 bits.</exception>
    public ulong Total => checked(BaseFee + CongestionFee);
}
