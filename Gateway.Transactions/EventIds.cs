namespace Xmtp.Gateway.Transactions;

/// <summary>The ids of all events that this project logs. Each id is unique across all projects.</summary>
internal static class EventIds
{
    internal const int BackgroundWorkFailed = 3001;

    internal const int ChainKindDetected = 3101;
    internal const int GasPriceRefused = 3102;
    internal const int GasNotEstimated = 3103;

    internal const int NonceStoreOpened = 3201;
    internal const int NonceReservationLost = 3202;
    internal const int NoncesForeign = 3203;
    internal const int NonceStoreWentBack = 3204;
    internal const int ChainPositionUnread = 3205;
    internal const int MempoolNotCounted = 3206;
    internal const int GenesisNotServed = 3207;
    internal const int ReceiptNotRead = 3208;
    internal const int ReceiptsNotServed = 3209;

    internal const int TransactionReplaced = 3301;
    internal const int ReplacementAboveCeiling = 3302;
    internal const int TransactionRefused = 3303;
    internal const int NonceForeign = 3304;
    internal const int TransactionAdopted = 3305;
    internal const int StoredTransactionUnreadable = 3306;
    internal const int NonceGapCancelled = 3307;
    internal const int MonitorCrashed = 3308;
    internal const int ReplacementNotSigned = 3309;
    internal const int MonitorInterrupted = 3310;
    internal const int TransactionNotSubmitted = 3311;
    internal const int TransactionNotTaken = 3312;
    internal const int TransactionsRemoved = 3313;
    internal const int BroadcastInterrupted = 3314;
}
