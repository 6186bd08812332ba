namespace Xmtp.Gateway.ChainWatcher;

/// <summary>The ids of all events that this project logs. Each id is unique across all projects.</summary>
internal static class EventIds
{
    internal const int ChainWatchBegins = 8001;
    internal const int ChainWatchOther = 8002;
    internal const int ChainWatchRolledBack = 8003;
    internal const int ChainWatchUnsaved = 8004;
    internal const int WatcherServiceLeads = 8101;
    internal const int WatcherServiceLost = 8102;
    internal const int WatcherServiceStore = 8103;
    internal const int WatcherServiceBroke = 8104;
    internal const int SettlementAlone = 8105;
    internal const int SettlementAloneSettings = 8106;
    internal const int SettlementAloneRedis = 8107;

    internal const int StuckReportsStuck = 8201;
    internal const int ProviderReportsAway = 8202;
    internal const int ProviderReportsBack = 8203;
    internal const int ProviderReportsFaulty = 8204;
}
