using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>What limits and budgets did with a publish: they took from all limits, or refused it and took nothing.</summary>
internal readonly record struct PublishCharge
{
    private readonly IReadOnlyList<UsageLimitCharge>? _taken;

    /// <summary>Taken, or let through uncounted.</summary>
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

    /// <summary>Why it may not be published; null when it may.</summary>
    internal PublishError? Refusal { get; }

    /// <summary>The limit or budget that refused it; null when none did.</summary>
    internal UsageLimit? Over { get; }

    /// <summary>What was taken; empty when nothing was.</summary>
    internal IReadOnlyList<UsageLimitCharge> Taken => _taken ?? [];

    /// <summary>The store that took it; null when none did.</summary>
    internal IUsageLimitStore? By { get; }

    /// <summary>When, in Unix milliseconds of that store's clock.</summary>
    internal long At { get; }
}
