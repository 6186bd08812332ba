namespace Xmtp.Gateway.Hosting;

/// <summary>The ids of all events that this project logs. Each id is unique across all projects.</summary>
internal static class EventIds
{
    internal const int PayerKeyCheckUnsafe = 1007;
    internal const int StartSettingWarning = 1008;

    internal const int ProgramStarting = 1009;
    internal const int ProgramStopped = 1023;
    internal const int ChainHealthUnavailable = 1024;
    internal const int ChainHealthBack = 1025;

    internal const int HealthReportsChanged = 1021;
    internal const int HealthReportsReady = 1022;

    internal const int SharedStoreWatchFull = 1030;
    internal const int SharedStoreWatchRoom = 1031;
    internal const int SharedStoreWatchGone = 1032;
    internal const int SharedStoreWatchBack = 1033;

    internal const int ChangeNotificationBroke = 5001;
    internal const int RedisChangeNotificationsUnavailable = 5002;
    internal const int SettlementChainSubscriptionRefused = 5003;
}
