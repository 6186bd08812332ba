namespace Xmtp.Gateway.DevNet.Nodes.Publishing;

/// <summary>The fees of one batch after the other: each envelope counts for the congestion of the next.</summary>
/// <param name="rates">The rates in force.</param>
/// <param name="inserted">What counts besides this batch.</param>
internal sealed class BatchFees(NodeRates rates, MessageRate inserted)
{
    private readonly Dictionary<long, uint> _batch = [];

    /// <summary>The fees of the next envelope.</summary>
    /// <param name="bytes">The size of the serialized payer envelope.</param>
    /// <param name="retentionDays">How long it is kept.</param>
    /// <param name="nanoseconds">Its time, since 1970.</param>
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
