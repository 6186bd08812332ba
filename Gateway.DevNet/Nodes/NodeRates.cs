namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>What a node charges, in picodollars, as the RateRegistry has it.</summary>
/// <param name="MessageFee">For each message.</param>
/// <param name="StorageFee">For each byte and day.</param>
/// <param name="CongestionFee">For each of the 0 to 100 units of congestion.</param>
/// <param name="TargetRatePerMinute">How many messages a minute a node takes without congestion; 0 for any number.</param>
public sealed record NodeRates(ulong MessageFee, ulong StorageFee, ulong CongestionFee = 0, ulong TargetRatePerMinute = 0)
{
    /// <summary>Nothing costs anything.</summary>
    public static NodeRates Free { get; } = new(0, 0);

    /// <summary>The base fee: message fee + storage fee × bytes × days.</summary>
    /// <param name="payerEnvelopeBytes">The size of the serialized payer envelope.</param>
    /// <param name="retentionDays">How long it is kept.</param>
    /// <exception cref="OverflowException">The fee does not fit 64 bits.</exception>
    public ulong BaseFee(int payerEnvelopeBytes, uint retentionDays) =>
        checked(MessageFee + (StorageFee * (ulong)payerEnvelopeBytes * retentionDays));
}
