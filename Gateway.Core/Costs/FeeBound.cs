using Microsoft.Extensions.Options;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Costs.Rating;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Costs;

/// <summary>Tells fees that a node may sign from absurd ones, which must not get into budgets and books.</summary>
/// <remarks>
/// Absurd is more than <see cref="CostsOptions.MaxRateJump"/> times what the rates ask at full congestion: those in force,
/// those of an hour before, and those that come next, as a node may be behind or ahead. Where they ask nothing, or none
/// are known, it is more than <see cref="CostsOptions.MaxMessagePrice"/>. Thread-safe.
/// </remarks>
internal sealed class FeeBound(RateCache rates, IOptions<CostsOptions> options, TimeProvider time)
{
    private const int FullCongestion = 100;
    private static readonly TimeSpan MaxLag = TimeSpan.FromHours(1);

    /// <summary>Checks the fees of an answer.</summary>
    /// <returns>Null, or what is wrong with them.</returns>
    internal string? Check(OriginatorEnvelopeView answer)
    {
        var (now, bytes, fees) = (time.GetUtcNow(), answer.PayerEnvelope.Length, (Int128)answer.Fees);
        // The other rates only raise the bound, and nearly every answer is within this part of it.
        var inForce = Dearest(rates.InForce(now), bytes);
        if (fees <= inForce * options.Value.MaxRateJump) return null;
        var bound = Of(now, inForce, bytes);
        return bound > 0 && fees > bound
            ? $"fees of {answer.Fees} picodollars, far over the rates in force, by which it is at most {bound}"
            : null;
    }

    // 0 for none.
    private Int128 Of(DateTimeOffset now, Int128 inForce, int bytes)
    {
        var dearest = Int128.Max(
            inForce, Int128.Max(Dearest(rates.InForce(now - MaxLag), bytes), Dearest(rates.Schedule.Next(now), bytes)));
        if (options.Value.MaxRateJump > 0 && dearest > 0) return dearest * options.Value.MaxRateJump;
        return dearest > 0 ? 0 : Picodollars.From(new Microdollars(options.Value.MaxMessagePrice)).Value;
    }

    private static Int128 Dearest(Rates? rates, int bytes) =>
        rates is null ? 0 : EnvelopeCosts.BaseFee(rates, bytes) + ((Int128)rates.CongestionFee * FullCongestion);
}
