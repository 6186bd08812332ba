namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>Waits for something that can be seen from outside, and fails by itself when it does not come.</summary>
public static class Eventually
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    public static Task IsAsync(Func<bool> condition, string what) => IsAsync(() => Task.FromResult(condition()), what);

    public static async Task IsAsync(Func<Task<bool>> condition, string what)
    {
        using var timeout = new CancellationTokenSource(WaitTimeout);
        using var timer = new PeriodicTimer(Look);
        try
        {
            while (!await condition()) await timer.WaitForNextTickAsync(timeout.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            Assert.Fail($"it never came to this: {what}");
        }
    }
}
