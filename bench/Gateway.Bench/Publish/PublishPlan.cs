namespace Xmtp.Gateway.Bench.Publish;

/// <summary>How long and how often everything is measured. Rounds alternate between the servers, and medians count.</summary>
/// <param name="WarmUpSeconds">Load on each server before any figure counts: the JIT needs about 15 s to settle.</param>
/// <param name="HeadlineRounds">Rounds of the case that makes the ratio: 64 callers, one envelope a call.</param>
/// <param name="HeadlineSeconds">How long each of these takes.</param>
/// <param name="CaseRounds">Rounds of every other case.</param>
/// <param name="CaseSeconds">How long each of these takes.</param>
/// <param name="HalfRateRounds">Rounds at half of the gateway's highest rate.</param>
/// <param name="HalfRateSeconds">How long each of these takes.</param>
/// <param name="VerifiesAll">Whether a gateway that checks every answer's signature is measured too.</param>
internal sealed record PublishPlan(
    double WarmUpSeconds,
    int HeadlineRounds,
    double HeadlineSeconds,
    int CaseRounds,
    double CaseSeconds,
    int HalfRateRounds,
    double HalfRateSeconds,
    bool VerifiesAll)
{
    /// <summary>About five minutes.</summary>
    public static PublishPlan Full { get; } = new(16, 7, 4, 3, 2.5, 5, 4, VerifiesAll: true);

    /// <summary>About 45 seconds: enough to see that all of it runs, and how the ratio stands within a tenth or so.</summary>
    public static PublishPlan Quick { get; } = new(4, 3, 1.5, 1, 0.5, 1, 1.5, VerifiesAll: false);
}
