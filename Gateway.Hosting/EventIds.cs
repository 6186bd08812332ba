namespace Xmtp.Gateway.Hosting;

/// <summary>The id of every event that this project logs. No two share one, in no project.</summary>
internal static class EventIds
{
    internal const int PayerKeyCheckUnsafe = 1007;

    internal const int HealthReportsChanged = 1021;
    internal const int HealthReportsReady = 1022;

    internal const int SharedStoreWatchFull = 1030;
    internal const int SharedStoreWatchRoom = 1031;
    internal const int SharedStoreWatchGone = 1032;
    internal const int SharedStoreWatchBack = 1033;

    internal const int ChangeNotificationBroke = 5001;
    internal const int RedisNotificationsAway = 5002;
    internal const int OwnSubscriptionRefused = 5003;
}
