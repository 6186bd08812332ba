using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>The result of charging a publish to limits and budgets: taken from all, or refused and taken from none.</summary>
internal readonly record struct PublishCharge
{
    private readonly IReadOnlyList<UsageLimitCharge>? _taken;

    /// <summary>Taken, or allowed uncounted.</summary>
    internal PublishCharge(IReadOnlyList<UsageLimitCharge> taken, UsageLimitResult answer)
    {
        _taken = taken;
        By = answer.By;
        At = answer.At;
    }

    /// <summary>Refused.</summary>
    internal PublishCharge(PublishError refusal, UsageLimit? over = null)
    {
        Refusal = refusal;
        Over = over;
    }

    /// <summary>Why it may not be published; null when it may be.</summary>
    internal PublishError? Refusal { get; }

    /// <summary>The limit or budget that refused it; null when none did.</summary>
    internal UsageLimit? Over { get; }

    /// <summary>What was taken; empty when nothing was.</summary>
    internal IReadOnlyList<UsageLimitCharge> Taken => _taken ?? [];

    /// <summary>The store that took it; null when none did.</summary>
    internal IUsageLimitStore? By { get; }

    /// <summary>When it was taken, in Unix milliseconds of that store's clock.</summary>
    internal long At { get; }
}
