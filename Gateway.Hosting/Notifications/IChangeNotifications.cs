namespace Xmtp.Gateway.Notifications;

/// <summary>Tells the rooms of the gateway at once what they would else find out by their timers.</summary>
/// <remarks>
/// Notifications may come twice, or for nothing, and none is promised: after a silence every kind is told, and every room
/// keeps its timer. Whoever hears one reads the chain itself.
/// </remarks>
public interface IChangeNotifications
{
    /// <summary>Runs <paramref name="refresh"/> whenever something of that kind changed.</summary>
    /// <param name="kind">What it is about.</param>
    /// <param name="refresh">
    /// Never runs twice at once: what is told while it runs makes it run once more behind. What it throws is logged.
    /// Its token ends when the gateway stops.
    /// </param>
    /// <returns>Ends it, when it is disposed of.</returns>
    IDisposable Subscribe(ChangeKind kind, Func<CancellationToken, Task> refresh);
}
