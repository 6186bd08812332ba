using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

/// <summary>How transactions on the App Chain are priced, watched and repaired.</summary>
public sealed record AppChainTransactionOptions
{
    /// <summary>The nonce store's bounds.</summary>
    public NonceStoreOptions NonceStore { get; set; } = new();

    /// <summary>How often leases are renewed. Less than a third of the lease; default 1 s.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long one call to the chain may take. More than zero; default 10 s.</summary>
    public TimeSpan RpcTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a caller waits for an endpoint to take its transaction; then it is told UNAVAILABLE, and the same
    /// transaction is sent on. More than zero; default 5 s.
    /// </summary>
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the chain is asked while transactions are in flight, besides at each new head. Default 500 ms.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How long after a new head the chain is asked, where the contracts' events come unasked: only what makes no event
    /// is left to ask about. Default 100 ms.
    /// </summary>
    public TimeSpan EventTimeout { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How often a transaction that is not mined is looked up in the mempool, and sent again when it is gone. Default 5
    /// s.
    /// </summary>
    public TimeSpan LookupInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a transaction may wait at the front before it is replaced by one that pays more. Default 15 s.</summary>
    public TimeSpan StuckAfter { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How often transactions of lost processes, gaps and the chain's position are looked at. Default 3 s.</summary>
    public TimeSpan RecoveryInterval { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a nonce may be missing below others before it is filled. Default 5 s.</summary>
    public TimeSpan GapTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a receipt of a used nonce is looked for before the nonce counts as used by someone else; more than
    /// endpoints lag behind each other. Default 10 s.
    /// </summary>
    public TimeSpan ReceiptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a mined transaction stays in the store at most for its result to be stored where a resend looks: until
    /// then a crash leaves it to be found there. Default 10 minutes, as long as a resend is answered.
    /// </summary>
    public TimeSpan ResultTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How often one envelope is offered when endpoints refuse it for its nonce or price, over all nonces and prices
    /// together. At least 1; default 5.
    /// </summary>
    public int MaxTries { get; set; } = 5;

    /// <summary>The wait before the second try; doubled for each one after. Default 100 ms.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The least that is offered for a unit of gas. Default 0.01 gwei.</summary>
    public Wei MinGasPrice { get; set; } = new(10_000_000);

    /// <summary>The most that is ever offered for a unit of gas, replacements included. Default 100 gwei.</summary>
    public Wei MaxGasPrice { get; set; } = Wei.FromGwei(100);

    /// <summary>What is offered when the chain never gave a usable price. Default 1 gwei.</summary>
    public Wei FallbackGasPrice { get; set; } = Wei.FromGwei(1);

    /// <summary>How long a price is used without asking again. Default 2 s.</summary>
    public TimeSpan PriceRefresh { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the last good price stands in when the chain does not tell a new one. Default 1 minute.</summary>
    public TimeSpan PriceFreshFor { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>What is added to an estimate of gas, in percent. What is not used is not paid. Default 25.</summary>
    public uint GasMarginPercent { get; set; } = 25;

    /// <summary>How long an estimate serves payloads of about the same size. Default 1 minute.</summary>
    public TimeSpan GasEstimateFreshFor { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often the contracts' bounds and pause are read, besides when they say that they changed. Default 30 s.</summary>
    public TimeSpan ContractRefresh { get; set; } = TimeSpan.FromSeconds(30);
}
