using Microsoft.Extensions.Options;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Costs.Rating;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Costs;

/// <summary>Detects absurd fees in a node's answer, which must not be counted in budgets and spend.</summary>
/// <remarks>
/// Fees are absurd above <see cref="CostsOptions.MaxRateJump"/> times the fee by the rates at full congestion: by the
/// current rates, those of an hour before, or the next ones, as a node may be behind or ahead. When the rates are zero
/// or unknown, fees are absurd above <see cref="CostsOptions.MaxMessagePrice"/>. Thread-safe.
/// </remarks>
internal sealed class FeeBound(RateCache rates, IOptions<CostsOptions> options, TimeProvider time)
{
    private const int FullCongestion = 100;
    private static readonly TimeSpan MaxLag = TimeSpan.FromHours(1);

    /// <summary>Checks the fees of an answer.</summary>
    /// <returns>Null, or the fault.</returns>
    internal string? Check(OriginatorEnvelopeView answer)
    {
        var (now, bytes, fees) = (time.GetUtcNow(), answer.PayerEnvelope.Length, (Int128)answer.Fees);
        // The other rates only raise the bound, and nearly every answer is below this part of it.
        var inForce = MaxFee(rates.InForce(now), bytes);
        if (fees <= inForce * options.Value.MaxRateJump) return null;
        var bound = Of(now, inForce, bytes);
        return bound > 0 && fees > bound
            ? $"fees of {answer.Fees} picodollars, far over the rates in force, by which it is at most {bound}"
            : null;
    }

    // 0 for no bound.
    private Int128 Of(DateTimeOffset now, Int128 inForce, int bytes)
    {
        var highest = Int128.Max(
            inForce, Int128.Max(MaxFee(rates.InForce(now - MaxLag), bytes), MaxFee(rates.Schedule.Next(now), bytes)));
        if (options.Value.MaxRateJump > 0 && highest > 0) return highest * options.Value.MaxRateJump;
        return highest > 0 ? 0 : Picodollars.From(new Microdollars(options.Value.MaxMessagePrice)).Value;
    }

    private static Int128 MaxFee(Rates? rates, int bytes) =>
        rates is null ? 0 : EnvelopeCosts.BaseFee(rates, bytes) + ((Int128)rates.CongestionFee * FullCongestion);
}
