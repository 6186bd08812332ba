using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

/// <summary>How transactions on the App Chain are priced, monitored, replaced and recovered.</summary>
public sealed record AppChainTransactionOptions
{
    /// <summary>The bounds of the nonce store.</summary>
    public NonceStoreOptions NonceStore { get; set; } = new();

    /// <summary>The interval at which leases are renewed. Less than a third of the lease; default 1 s.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The timeout of one call to the chain. More than zero; default 10 s.</summary>
    public TimeSpan RpcTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a caller waits for an endpoint to accept its transaction; then the caller gets UNAVAILABLE, and the
    /// same transaction continues to be sent in the background. More than zero; default 5 s.
    /// </summary>
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The interval at which the chain is polled while transactions are in flight, in addition to each new head.
    /// Default 500 ms.
    /// </summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// The delay between a new head and the poll, when the contracts' events arrive by subscription: the poll then only
    /// has to find what emits no event. Default 100 ms.
    /// </summary>
    public TimeSpan EventTimeout { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// The interval at which a transaction that is not mined is looked up in the mempool, and resent when it is
    /// missing. Default 5 s.
    /// </summary>
    public TimeSpan LookupInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long the transaction with the lowest pending nonce may wait before it is replaced at a higher fee. Default 15 s.
    /// </summary>
    public TimeSpan StuckAfter { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// The interval at which transactions of lost processes, nonce gaps and the chain's position are checked. Default 3 s.
    /// </summary>
    public TimeSpan RecoveryInterval { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a nonce may be missing below others before a cancellation is sent for it. Default 5 s.</summary>
    public TimeSpan GapTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long to look for the receipt of a used nonce before the nonce counts as used by another sender. Must be
    /// longer than endpoints lag behind each other. Default 10 s.
    /// </summary>
    public TimeSpan ReceiptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the answer for a mined transaction waits for the time of its block; then it has this process's time.
    /// More than zero; default 1 s.
    /// </summary>
    public TimeSpan BlockTimeTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The max time that a mined transaction stays in the nonce store while its result is not yet in the idempotency
    /// store: after a crash in between, recovery finds the transaction in the nonce store. Default 10 minutes, as long
    /// as a resend is answered.
    /// </summary>
    public TimeSpan ResultTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// The max number of attempts to send one envelope when endpoints refuse it for its nonce or price, over all nonces
    /// and prices together, but for nonces that another sender's transaction has. At least 1; default 5.
    /// </summary>
    public int MaxAttempts { get; set; } = 5;

    /// <summary>The delay before the second attempt; doubled for each later attempt. Default 100 ms.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The min price offered per unit of gas. Default 0.01 gwei.</summary>
    public Wei MinGasPrice { get; set; } = new(10_000_000);

    /// <summary>The max price offered per unit of gas, replacements included. Default 100 gwei.</summary>
    public Wei MaxGasPrice { get; set; } = Wei.FromGwei(100);

    /// <summary>The price offered when there is no usable price from the chain. Default 1 gwei.</summary>
    public Wei FallbackGasPrice { get; set; } = Wei.FromGwei(1);

    /// <summary>How long a price is used before the chain is queried for a new one. Default 2 s.</summary>
    public TimeSpan PriceRefresh { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the last good price is used when the chain returns no new one. Default 1 minute.</summary>
    public TimeSpan PriceFreshFor { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The margin added to a gas estimate, in percent. Unused gas is not paid for. Default 25.</summary>
    public uint GasMarginPercent { get; set; } = 25;

    /// <summary>How long an estimate is used for payloads of about the same size. Default 1 minute.</summary>
    public TimeSpan GasEstimateFreshFor { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The interval at which the contracts' size bounds and paused state are read while something depends on the reading, in
    /// addition to when the contracts announce a change. Default 30 s.
    /// </summary>
    public TimeSpan ContractRefresh { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long the event of a mined transaction, or the head of its block, may be missing before the WebSocket is
    /// connected again. Default 20 s.
    /// </summary>
    internal TimeSpan SilentAfter { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>The interval at which they are read while nothing depends on the reading. Default 10 minutes.</summary>
    internal TimeSpan ContractRestRefresh { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// The longest interval at which the count of the wallet's transactions is read while nothing is in flight. Default 1 minute.
    /// </summary>
    internal TimeSpan RestInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The interval of polls while transactions are in flight and heads and events arrive by subscription. Default four poll
    /// intervals.
    /// </summary>
    internal TimeSpan SubscribedPollInterval => PollInterval * 4;
}
