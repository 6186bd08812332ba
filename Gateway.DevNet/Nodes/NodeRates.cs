namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>A node's fees, in picodollars, from the RateRegistry.</summary>
/// <param name="MessageFee">Per message.</param>
/// <param name="StorageFee">Per byte and day.</param>
/// <param name="CongestionFee">Per unit of congestion, of which there are 0 to 100.</param>
/// <param name="TargetRatePerMinute">The messages per minute of a node without congestion; 0 for any number.</param>
public sealed record NodeRates(ulong MessageFee, ulong StorageFee, ulong CongestionFee = 0, ulong TargetRatePerMinute = 0)
{
    /// <summary>No fees.</summary>
    public static NodeRates Free { get; } = new(0, 0);

    /// <summary>The base fee: message fee + storage fee × bytes × days.</summary>
    /// <param name="payerEnvelopeBytes">The size of the serialized payer envelope.</param>
    /// <param name="retentionDays">The retention, in days.</param>
    /// <exception cref="OverflowException">The fee does not fit 64 bits.</exception>
    public ulong BaseFee(int payerEnvelopeBytes, uint retentionDays) =>
        checked(MessageFee + (StorageFee * (ulong)payerEnvelopeBytes * retentionDays));
}
