using Microsoft.Extensions.Logging;
using Xmtp.Gateway.AppChain.Contracts;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Streaming;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Transactions;
using Xmtp.Gateway.Transactions.Fees;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.AppChain;

/// <summary>The parts of flow 2 and how they hang together, for one payer on one chain; runs what goes on in the background.</summary>
internal sealed partial class AppChainFlow : IChainListener, IAsyncDisposable
{
    private static readonly TimeSpan DetectPause = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource stopping = new();
    private readonly IRpcTransport transport;
    private readonly WebSocketRpcTransport? socket;
    private readonly AppChainTransactionOptions options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly FeeOracle fees;
    private readonly GasLimits gas;
    private readonly ChainFollower follower;
    private readonly NonceUsers users;
    private readonly TransactionRecovery recovery;
    private readonly TransactionEngine engine;
    private readonly Broadcaster[] broadcasters;
    private readonly BlockTimes blockTimes;
    private readonly ChainNews? news;
    private Task running = Task.CompletedTask;

    /// <summary>Puts the parts together; nothing runs yet. The transports are disposed with it.</summary>
    internal AppChainFlow(
        IRpcTransport transport, WebSocketRpcTransport? socket, AppChainOptions chain, ISigner signer, INonceLedger ledger, AppChainTransactionOptions options,
        AppChainMetrics metrics, PublishMetrics publishMetrics, IPublishedStore? results, TimeProvider time, ILoggerFactory loggers)
    {
        (this.transport, this.socket) = (transport, socket);
        (this.options, this.time, logger) = (options, time, loggers.CreateLogger<AppChainFlow>());
        var rpc = new EthereumRpc(new TimedRpcTransport(transport, options.RpcTimeout, time));
        var positions = new ChainPositions(rpc, signer.Address, time, loggers.CreateLogger<ChainPositions>());
        Flights = new Flights(time);
        follower = new ChainFollower(Flights, positions, options, time);
        Desk = new NonceDesk(ledger, positions, options, metrics, time, loggers.CreateLogger<NonceDesk>());
        var resync = new NonceResync(Desk, positions, follower, metrics, loggers.CreateLogger<NonceResync>());

        fees = new FeeOracle(rpc, chain.ChainId, options, metrics, time, loggers.CreateLogger<FeeOracle>());
        var replacer = new FlightReplacer(fees, signer, chain.ChainId, options, metrics, time, loggers.CreateLogger<FlightReplacer>());
        var sender = new TransactionSender(rpc, metrics, time);
        users = new NonceUsers(rpc, signer.Address);
        var pilot = new FlightPilot(rpc, sender, replacer, follower, resync, users, options, metrics, time, loggers.CreateLogger<FlightPilot>());
        gas = new GasLimits(rpc, signer.Address, options, time);
        engine = new TransactionEngine(Desk, pilot, Flights, replacer, fees, gas, signer, chain.ChainId, options, metrics, time, loggers.CreateLogger<TransactionEngine>());
        recovery = new TransactionRecovery(Desk, resync, engine, options, metrics, time);

        var groups = new GroupMessageBroadcasterContract(rpc, chain.GroupMessageBroadcaster);
        var identities = new IdentityUpdateBroadcasterContract(rpc, chain.IdentityUpdateBroadcaster);
        var states = loggers.CreateLogger<ContractState>();
        broadcasters =
        [
            new GroupMessages(groups, new ContractState(groups, "GroupMessageBroadcaster", states)),
            new IdentityUpdates(identities, new ContractState(identities, "IdentityUpdateBroadcaster", states)),
        ];
        GasCosts = new GasCosts(fees, gas, broadcasters[0], broadcasters[1]);
        blockTimes = new BlockTimes(rpc);
        Publisher = new AppChainPublisher(
            engine, new RevertedCall(rpc, signer.Address), blockTimes, broadcasters[0], broadcasters[1], chain.MaxBlockchainPayloadSize, results, publishMetrics, time, loggers.CreateLogger<AppChainPublisher>(), () => Desk.IsStoreAway);
        if (results is not null) engine.OnAdopted = new AdoptedPublishes(results, Publisher, broadcasters, time, loggers.CreateLogger<AdoptedPublishes>()).TakeAsync;
        news = socket is null ? null : new ChainNews(socket, [groups.Address, identities.Address], this, loggers.CreateLogger<ChainNews>());
        metrics.Watch(() => new NonceCounts(Desk.Held.Count, Flights.Count, Flights.InDoubt, Flights.OldestAge));
    }

    internal AppChainPublisher Publisher { get; }

    internal NonceDesk Desk { get; }

    internal Flights Flights { get; }

    /// <summary>Finds out what kind of chain it is, as nothing can be priced without.</summary>
    /// <returns>Null, or why it cannot be told.</returns>
    internal Task<RpcError?> DetectAsync(CancellationToken cancellationToken) => fees.DetectAsync(cancellationToken);

    /// <summary>As <see cref="DetectAsync"/>, once an endpoint that limits its requests, or does not answer for now, does.</summary>
    /// <exception cref="OperationCanceledException">It did not in time.</exception>
    internal async Task<RpcError?> DetectWhenServedAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var error = await DetectAsync(cancellationToken).ConfigureAwait(false);
            if (error?.Kind is not (RpcErrorKind.Transport or RpcErrorKind.RateLimited)) return error;
            await Task.Delay(error.RetryAfter > DetectPause ? error.RetryAfter.Value : DetectPause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Why a publish would wait or fail now, and for how long that has been so; null when nothing is known against it.</summary>
    internal (RpcError Error, TimeSpan For)? Trouble => engine.Trouble ?? Desk.Chain.Trouble;

    internal bool IsDetected => fees.IsDetected;

    /// <summary>Whether the contracts' events are told unasked now.</summary>
    internal bool HearsEvents => follower.HearsEvents;

    /// <summary>What envelopes cost there.</summary>
    internal GasCosts GasCosts { get; }

    /// <summary>
    /// Opens the ledger, takes over what a crash left, with its claims, before anybody can ask for it again, and begins the
    /// work in the background. A store that does not answer is waited for there.
    /// </summary>
    /// <exception cref="GatewayStartException">A later release wrote the ledger.</exception>
    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        if (await Desk.OpenAsync(cancellationToken).ConfigureAwait(false) == LedgerVerdict.Newer) throw new GatewayStartException([NonceLayoutCheck.Fault]);
        await recovery.AdoptAsync(cancellationToken).ConfigureAwait(false);
        await RefreshContractsAsync(cancellationToken).ConfigureAwait(false);
        running = Task.WhenAll(
            RepeatAsync("following the chain", TimeSpan.Zero, follower.RunAsync),
            RepeatAsync("renewing leases", options.Heartbeat, stop => Desk.BeatAsync(stop).AsTask()),
            RepeatAsync("taking transactions over", options.RecoveryInterval, stop => recovery.AdoptAsync(stop).AsTask()),
            RepeatAsync("filling gaps", options.RecoveryInterval, stop => recovery.FillGapsAsync(stop).AsTask()),
            RepeatAsync("reading contracts", options.ContractRefresh, RefreshContractsAsync),
            news is null ? Task.CompletedTask : RepeatAsync("following heads", options.PollInterval, news.FollowHeadsAsync),
            news is null ? Task.CompletedTask : RepeatAsync("following events", options.PollInterval, news.FollowEventsAsync));
    }

    void IChainListener.OnHeads() => follower.Nudge();

    void IChainListener.OnHead(Block head)
    {
        blockTimes.Learn(head);
        follower.Nudge();
    }

    void IChainListener.OnEvents(bool areTold)
    {
        follower.HearsEvents = areTold;
        follower.Nudge();
        if (areTold) _ = RefreshContractsAsync(stopping.Token);
    }

    void IChainListener.OnPublished(LogEntry log) => Flights.Land(log);

    void IChainListener.OnContractChanged() => _ = RefreshContractsAsync(stopping.Token);

    /// <summary>Reads bounds and pause of both contracts now.</summary>
    internal Task RefreshContractsAsync(CancellationToken stop) => Task.WhenAll(broadcasters.Select(broadcaster => broadcaster.State.RefreshAsync(stop)));

    /// <summary>Stops. What is in flight stays in the ledger; the next process, or another replica, takes it on.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        engine.Dispose();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (socket is not null) await socket.DisposeAsync().ConfigureAwait(false);
        (transport as IDisposable)?.Dispose();
        Desk.Dispose();
        follower.Dispose();
        gas.Dispose();
        users.Dispose();
        stopping.Dispose();
    }

    private async Task RepeatAsync(string what, TimeSpan pause, Func<CancellationToken, Task> work)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await work(stopping.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever a store or a signer throws: this work must go on, or nonces are stuck.
            catch (Exception error)
#pragma warning restore CA1031
            {
                LogFailed(logger, what, error);
            }

            await Task.Delay(pause, time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(EventId = 3001, Level = LogLevel.Error, Message = "{What} failed; it goes on")]
    private static partial void LogFailed(ILogger logger, string what, Exception error);
}
