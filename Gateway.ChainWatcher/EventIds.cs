namespace Xmtp.Gateway.ChainWatcher;

/// <summary>The ids of all events that this project logs. Each id is unique across all projects.</summary>
internal static class EventIds
{
    internal const int ChainWatchBegins = 8001;
    internal const int ChainWatchOther = 8002;
    internal const int ChainWatchRolledBack = 8003;
    internal const int ChainWatchUnsaved = 8004;
    internal const int BackfillLeft = 8005;
    internal const int BackfillDone = 8006;
    internal const int WatcherServiceLeads = 8101;
    internal const int WatcherServiceLost = 8102;
    internal const int WatcherServiceStore = 8103;
    internal const int WatcherServiceFailed = 8104;
    internal const int SettlementOnly = 8105;
    internal const int SettlementOnlySettings = 8106;
    internal const int SettlementOnlyRedis = 8107;

    internal const int StuckReportsStuck = 8201;
    internal const int ProviderReportsUnavailable = 8202;
    internal const int ProviderReportsBack = 8203;
    internal const int ProviderReportsFaulty = 8204;

    internal const int NetworkReaderUnread = 8301;
    internal const int NetworkReaderUnusable = 8302;
    internal const int NetworkReaderRead = 8303;
    internal const int NetworkWatchAdded = 8311;
    internal const int NetworkWatchMoved = 8312;
    internal const int NetworkWatchDropped = 8313;
    internal const int NetworkWatchFailed = 8314;
    internal const int NodeSubscriberUp = 8321;
    internal const int NodeSubscriberDown = 8322;
}
