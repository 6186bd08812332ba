namespace Xmtp.Gateway.Notifications;

/// <summary>Notifies components of the gateway at once of changes that they would otherwise detect by their timers.</summary>
/// <remarks>
/// Notifications may be duplicate, needless or missing: after a gap every kind is notified, and every component keeps
/// its timer. A subscriber reads the chain itself.
/// </remarks>
public interface IChangeNotifications
{
    /// <summary>Runs <paramref name="refresh"/> whenever a change of this kind is notified.</summary>
    /// <param name="kind">The kind of change.</param>
    /// <param name="refresh">
    /// Never runs twice at once: after notifications while it runs, it runs once more. An exception is logged. Its
    /// token is cancelled when the gateway stops.
    /// </param>
    /// <returns>Ends the subscription when disposed.</returns>
    IDisposable Subscribe(ChangeKind kind, Func<CancellationToken, Task> refresh);
}
