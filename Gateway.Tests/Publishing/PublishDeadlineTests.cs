using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Tests.Publishing;

public class PublishDeadlineTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_timer_that_fires_before_the_clock_reaches_the_deadline_counts_as_the_deadline()
    {
        var deadline = PublishDeadline.After(TimeSpan.FromSeconds(50), new EarlyTimers());
        await Assert.ThrowsAsync<DeadlinePassedException>(() => deadline.Bound(new TaskCompletionSource<int>().Task, Cancel));
        Assert.True(deadline.Remaining > TimeSpan.Zero);
    }

    [Fact]
    public async Task A_timeout_of_the_hook_itself_is_not_the_deadline()
    {
        var own = new TimeoutException("the hook's own");
        var deadline = PublishDeadline.After(TimeSpan.FromSeconds(50), TimeProvider.System);
        var thrown = await Assert.ThrowsAsync<TimeoutException>(() => deadline.Bound(FailAsync(own), Cancel));
        Assert.Same(own, thrown);
    }

    private static async Task<int> FailAsync(Exception exception)
    {
        await Task.Yield();
        throw exception;
    }

    private sealed class EarlyTimers : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
