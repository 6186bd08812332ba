using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>A charge that was asked for. Whoever has it takes its answer, or gives it back.</summary>
internal sealed class PendingCharge(ValueTask<PublishCharge> asked)
{
    private readonly Task<PublishCharge> _charging = asked.AsTask();

    /// <summary>The answer.</summary>
    /// <exception cref="DeadlinePassedException">The deadline passed first; what is taken later is given back.</exception>
    /// <exception cref="OperationCanceledException">The caller left first; what is taken later is given back.</exception>
    internal async ValueTask<PublishCharge> AnswerAsync(PublishDeadline deadline, CancellationToken cancellationToken)
    {
        if (_charging.IsCompleted) return await _charging.ConfigureAwait(false);
        try
        {
            return await deadline.Bound(_charging, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is DeadlinePassedException or OperationCanceledException)
        {
            _ = GiveBackAsync();
            throw;
        }
    }

    /// <summary>Gives back what was taken, as soon as that is known. Never throws.</summary>
    /// <returns>Ends when it is on its way to the store.</returns>
    internal async Task GiveBackAsync()
    {
        await ((Task)_charging).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_charging.IsCompletedSuccessfully) PublishLimits.GiveBack(await _charging.ConfigureAwait(false));
    }
}
