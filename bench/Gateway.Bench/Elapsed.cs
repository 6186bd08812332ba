namespace Xmtp.Gateway.Bench;

/// <summary>Shows in a terminal what runs and for how long, every ten seconds.</summary>
internal static class Elapsed
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    /// <summary>Shows it until it is disposed.</summary>
    public static IDisposable Show(string name)
    {
        var began = TimeProvider.System.GetTimestamp();
        return TimeProvider.System.CreateTimer(
            _ => Console.Error.WriteLine($"{name}: running for {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0} s"),
            null,
            Every,
            Every);
    }
}
