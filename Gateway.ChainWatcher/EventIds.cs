namespace Xmtp.Gateway.ChainWatcher;

/// <summary>The id of every event that this project logs. No two share one, in no project.</summary>
internal static class EventIds
{
    internal const int ChainWatchBegins = 8001;
    internal const int ChainWatchOther = 8002;
    internal const int ChainWatchRolledBack = 8003;
    internal const int ChainWatchUnsaved = 8004;
    internal const int ChainWatchTrouble = 8005;
    internal const int WatcherServiceLeads = 8101;
    internal const int WatcherServiceLost = 8102;
    internal const int WatcherServiceStore = 8103;
    internal const int WatcherServiceBroke = 8104;

    internal const int StuckReportsStuck = 8201;
}
