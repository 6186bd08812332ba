namespace Xmtp.Gateway.DevNet.Nodes.Publishing;

/// <summary>The fees of a batch, in order: each envelope counts towards the congestion of the next.</summary>
/// <param name="rates">The rates in force.</param>
/// <param name="inserted">The envelopes that count besides this batch.</param>
internal sealed class BatchFees(NodeRates rates, MessageRate inserted)
{
    private readonly Dictionary<long, uint> _batch = [];

    /// <summary>The fees of the next envelope.</summary>
    /// <param name="bytes">The size of the serialized payer envelope.</param>
    /// <param name="retentionDays">The retention, in days.</param>
    /// <param name="nanoseconds">Its time, in nanoseconds since 1970.</param>
    /// <exception cref="OverflowException">A fee does not fit 64 bits.</exception>
    public EnvelopeFees Next(int bytes, uint retentionDays, long nanoseconds)
    {
        var minute = MessageRate.Minute(nanoseconds);
        var units = Congestion.Units(
            Count(minute), Count(minute - 1), Count(minute - 2), Count(minute - 3), Count(minute - 4), rates.TargetRatePerMinute);
        _batch[minute] = _batch.GetValueOrDefault(minute) + 1;
        return new EnvelopeFees(rates.BaseFee(bytes, retentionDays), checked(rates.CongestionFee * units));
    }

    private ulong Count(long minute) => inserted.In(minute) + _batch.GetValueOrDefault(minute);
}
