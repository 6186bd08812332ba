using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>A charge that was requested. Its holder must either await its answer or refund it.</summary>
internal sealed class PendingCharge(ValueTask<PublishCharge> asked)
{
    private readonly Task<PublishCharge> _charging = asked.AsTask();

    /// <summary>The result of the charge.</summary>
    /// <exception cref="DeadlinePassedException">The deadline passed first; a charge taken later is refunded.</exception>
    /// <exception cref="OperationCanceledException">The caller left first; a charge taken later is refunded.</exception>
    internal async ValueTask<PublishCharge> AnswerAsync(PublishDeadline deadline, CancellationToken cancellationToken)
    {
        if (_charging.IsCompleted) return await _charging.ConfigureAwait(false);
        try
        {
            return await deadline.Bound(_charging, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is DeadlinePassedException or OperationCanceledException)
        {
            _ = RefundAsync();
            throw;
        }
    }

    /// <summary>Refunds what was taken, as soon as that is known. Never throws.</summary>
    /// <returns>Completes when the refund is on its way to the store.</returns>
    internal async Task RefundAsync()
    {
        await ((Task)_charging).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_charging.IsCompletedSuccessfully) PublishLimits.Refund(await _charging.ConfigureAwait(false));
    }
}
