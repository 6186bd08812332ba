namespace Xmtp.Gateway;

/// <summary>The ids of all events that this project logs. Each id is unique across all projects.</summary>
internal static class EventIds
{
    internal const int StartChains = 1001;
    internal const int StartPayer = 1002;
    internal const int StartMemory = 1003;
    internal const int StartRedis = 1004;
    internal const int StartPorts = 1005;
    internal const int StartRules = 1006;

    internal const int OpenGatewayWarningOpen = 1010;
    internal const int StartWithoutRates = 1011;
    internal const int StartWithoutPayers = 1012;
    internal const int StartNamedPayer = 1013;
    internal const int StartManyPayers = 1014;

    internal const int GatewayShutdownDraining = 1020;
    internal const int StandardInputWatchClosed = 1026;

    internal const int PublishPipelineBroke = 2000;

    internal const int NodeFailed = 2001;
    internal const int NodeTimedOut = 2002;
    internal const int NodeWrongAnswer = 2003;
    internal const int NodeBalanceEmpty = 2004;
    internal const int NodeRefused = 2005;
    internal const int NodeConnecting = 2006;
    internal const int NodeLeft = 2007;
    internal const int NodeExcluded = 2008;
    internal const int NodeNotSigned = 2009;

    internal const int EnvelopeRouterBroke = 2010;
    internal const int EnvelopeRouterToNodes = 2018;
    internal const int EnvelopeRouterToChain = 2019;
    internal const int MeteredPublisherNotSettled = 2011;
    internal const int PayerRouterUnknown = 2017;
    internal const int PayersServiceFailed = 2020;
    internal const int PayersFileApplied = 2021;
    internal const int PayersFileRefused = 2022;
    internal const int PayersFileWatchFailed = 2023;
    internal const int PayerLeft = 2024;
    internal const int PayerChangedOver = 2030;
    internal const int PayerNotChangedOver = 2031;
    internal const int ComingPayerFunds = 2032;
    internal const int ComingPayersFailed = 2033;
    internal const int PayerNotStarted = 2034;
    internal const int PayerRecovered = 2035;
    internal const int PayersRecoveryFailed = 2036;

    internal const int PublishedLookupFound = 2012;
    internal const int PublishedLookupUnknown = 2013;
    internal const int PublishedLookupUnanswered = 2014;
    internal const int RefusalBansBanned = 2015;
    internal const int NodeAttemptFailed = 2016;
    internal const int ContractNodeSourceUnread = 2101;
    internal const int ContractNodeSourceUnusable = 2102;
    internal const int NodeRegistryChanged = 2103;
    internal const int NodeRegistryRefresherSlow = 2104;
    internal const int NodeRegistryRefresherFailed = 2105;

    internal const int ChainSubscriptionRefused = 3002;
    internal const int ChainSubscriptionSilent = 3003;
    internal const int ChainFollowingFailed = 3004;
    internal const int JwtKeySourceFetched = 3010;
    internal const int JwtKeySourceNotFetched = 3011;

    internal const int GuardedUsageLimitStoreUnavailable = 3020;
    internal const int GuardedUsageLimitStoreBack = 3021;
    internal const int PublishAuthorizationBroken = 3030;

    internal const int ContractUnread = 3401;
    internal const int ContractBoundsChanged = 3402;
    internal const int AppChainPublishFailed = 3403;
    internal const int AppChainEventMissing = 3404;
    internal const int AdoptedResultNotStored = 3405;
    internal const int AppChainAnswerMissing = 3406;
    internal const int PublishedCommitLost = 3407;
    internal const int BlockTimeMissing = 3408;
    internal const int SenderUnavailable = 3409;
    internal const int SenderAvailable = 3410;
    internal const int SenderTransferMined = 3411;
    internal const int SenderTransferInDoubt = 3412;
    internal const int SenderTransferCapped = 3413;
    internal const int SenderTransferUnpaid = 3414;
    internal const int SenderTransferUncounted = 3415;
    internal const int SenderTransferRefused = 3416;
    internal const int SenderFundingFailed = 3417;

    internal const int ListeningSentNothing = 4001;
    internal const int ListeningAcceptFailed = 4002;
    internal const int CallRunnerFault = 4003;
    internal const int CallAdmissionBroke = 4004;
    internal const int CallFailed = 4005;
    internal const int CallReceived = 4006;
    internal const int StreamsUnknown = 4007;

    internal const int SpendingGuardPaused = 6001;
    internal const int SpendingGuardResumed = 6002;
    internal const int SpendingGuardOverpriced = 6003;
    internal const int SettledUsageReaderUnread = 6011;
    internal const int SettledUsageReaderFailed = 6012;
    internal const int RateRefresherUnread = 6021;
    internal const int RateRefresherFailed = 6022;
    internal const int RateRefresherChanged = 6023;
    internal const int FundsWatchLevelChanged = 6031;
    internal const int FundsWatchUnread = 6032;
    internal const int FundsWatchFailed = 6033;
    internal const int SharedReadingsRefused = 6034;
    internal const int SharedReadingsBack = 6035;

    internal const int ReplicaBoardBroke = 6041;
}
