using System.Diagnostics.Metrics;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.AppChain;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Streaming;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Rating;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Publishing.Pipeline;
using Xmtp.Gateway.Tests.Endpoints;
using Xmtp.Gateway.Transactions;
using Xmtp.Gateway.Transactions.Fees;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Tests.AppChain;

/// <summary>One gateway's App Chain flow over a real chain and a real store.</summary>
internal sealed class TestFlow : IAsyncDisposable
{
    private readonly ServiceProvider _metering;
    private readonly ServiceProvider _services;
    private readonly AppChainPublisher _publisher;
    private readonly NonceTracker _follower;
    private readonly IdempotentPublisher _once;
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, long> _counters = [];

    private TestFlow(
        Uri rpcUrl,
        ISigner signer,
        INonceStore? store,
        AppChainTransactionOptions options,
        Uri? heads,
        Func<IdempotencyMetrics, IPublishedStore>? results,
        ILoggerFactory? logs,
        WebSocketOptions? sockets,
        Action<IServiceCollection>? more)
    {
        var chain = new AppChainOptions
        {
            ChainId = 31337,
            GroupMessageBroadcaster = ChainAddresses.GroupMessageBroadcaster,
            IdentityUpdateBroadcaster = ChainAddresses.IdentityUpdateBroadcaster,
        };
        _metering = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = _metering.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listen) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters)) listen.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            lock (_counters) _counters[instrument.Name] = _counters.GetValueOrDefault(instrument.Name) + value;
        });
        _listener.Start();
        NonceStore = store ?? new MemoryNonceStore(options.NonceStore, TimeProvider.System);
        var onceMetrics = new IdempotencyMetrics(meters);
        Results = (results ?? (metrics => new MemoryPublishedStore(new IdempotencyOptions(), metrics, TimeProvider.System)))(onceMetrics);
        var services = new ServiceCollection();
        more?.Invoke(services);
        _services = services
            .AddSingleton(meters)
            .AddSingleton<PublishMetrics>()
            .AddSingleton(logs ?? LoggerFactoryOf())
            .AddLogging()
            .AddSingleton(TimeProvider.System)
            .AddSingleton(chain).AddSingleton(signer).AddSingleton(options).AddSingleton(NonceStore).AddSingleton(Results)
            .AddSingleton(
                _ => new AppChainConnection(new HttpRpcTransport(rpcUrl), heads is null ? null : new WebSocketRpcTransport(heads, sockets)))
            .AddAppChain().BuildServiceProvider();
        PendingTransactions = _services.GetRequiredService<PendingTransactions>();
        _follower = _services.GetRequiredService<NonceTracker>();
        _publisher = _services.GetRequiredService<AppChainPublisher>();
        var costs = new RateEstimator(
            new EnvelopeCosts(
                new RateCache(), new OriginatorRates(TimeProvider.System), Options.Create(new CostsOptions()), TimeProvider.System));
        var publishers = new EnvelopeRouter([_publisher, Network]);
        _once = new IdempotentPublisher(new MeteredPublisher(publishers, costs), Results, onceMetrics, TimeProvider.System);
    }

    public INonceStore NonceStore { get; }

    public IPublishedStore Results { get; }

    public PendingTransactions PendingTransactions { get; }

    public IServiceProvider Services => _services;

    /// <summary>Whether the contracts' events are delivered by subscription now.</summary>
    public bool ReceivesEvents => _follower.ReceivesEvents;

    /// <summary>Why a publish would wait or fail now, as the readiness tells it.</summary>
    public (RpcError Error, TimeSpan For)? Trouble => _services.GetRequiredService<AppChainFlow>().Trouble;

    /// <summary>What takes everything that is not for the App Chain.</summary>
    public TestPublisher Network { get; } = new(Destination.BroadcastNetwork);

    /// <summary>Waits measured in tenths of seconds where production has seconds.</summary>
    public static AppChainTransactionOptions Quick { get; } = new()
    {
        NonceStore = new NonceStoreOptions
        {
            Lease = TimeSpan.FromSeconds(2),
            Settling = TimeSpan.FromMilliseconds(600),
            StoreTimeout = TimeSpan.FromMilliseconds(500),
        },
        Heartbeat = TimeSpan.FromMilliseconds(200),
        PollInterval = TimeSpan.FromMilliseconds(50),
        LookupInterval = TimeSpan.FromMilliseconds(200),
        StuckAfter = TimeSpan.FromMilliseconds(700),
        RecoveryInterval = TimeSpan.FromMilliseconds(200),
        GapTimeout = TimeSpan.FromMilliseconds(500),
        ReceiptTimeout = TimeSpan.FromSeconds(1),
        RpcTimeout = TimeSpan.FromSeconds(3),
        RetryDelay = TimeSpan.FromMilliseconds(20),
    };

    public static async Task<TestFlow> StartAsync(
        Uri rpcUrl,
        ISigner signer,
        INonceStore? store = null,
        AppChainTransactionOptions? options = null,
        Uri? heads = null,
        Func<IdempotencyMetrics, IPublishedStore>? results = null,
        ILoggerFactory? logs = null,
        WebSocketOptions? sockets = null,
        Action<IServiceCollection>? more = null)
    {
        var flow = new TestFlow(rpcUrl, signer, store, options ?? Quick, heads, results, logs, sockets, more);
        var error = await flow._services.GetRequiredService<FeeOracle>().DetectAsync(CancellationToken.None);
        Assert.True(error is null, error?.ToString());
        await flow._services.GetRequiredService<AppChainFlow>().StartAsync(CancellationToken.None);
        return flow;
    }

    public long Counted(string counter)
    {
        lock (_counters) return _counters.GetValueOrDefault(counter);
    }

    public PublishError? Check(params ClientEnvelope[] envelopes) => _publisher.Check(Parse(envelopes));

    public async Task<EnvelopeOutcome[]> PublishAsync(
        IReadOnlyList<ClientEnvelope> envelopes, TimeSpan? deadline = null, CancellationToken cancellationToken = default)
    {
        var outcomes = await _publisher.PublishAsync(
            Parse(envelopes), PublishDeadline.After(deadline ?? PublishDeadline.Max, TimeProvider.System), cancellationToken);
        foreach (var outcome in outcomes) _ = PersistAsync(outcome);
        return outcomes;
    }

    // What callers of this method are answered is stored nowhere.
    private static async Task PersistAsync(EnvelopeOutcome outcome)
    {
        if (outcome.Settles is { } settles) outcome = await settles;
        outcome.OnPersisted?.Invoke();
    }

    public async Task<EnvelopeOutcome> PublishAsync(
        ClientEnvelope envelope, TimeSpan? deadline = null, CancellationToken cancellationToken = default) =>
        (await PublishAsync([envelope], deadline, cancellationToken))[0];

    /// <summary>As the pipeline does: what was published before is not published again.</summary>
    public async Task<EnvelopeOutcome> PublishOnceAsync(
        ClientEnvelope envelope, TimeSpan? deadline = null, CancellationToken cancellationToken = default) =>
        (await PublishOnceAsync([envelope], deadline, cancellationToken))[0];

    public Task<EnvelopeOutcome[]> PublishOnceAsync(
        IReadOnlyList<ClientEnvelope> envelopes,
        TimeSpan? deadline = null,
        CancellationToken cancellationToken = default) => _once.PublishAsync(
        new PublishContext
        {
            Identity = new ClientIdentity("test", "anyone"),
            Envelopes = Parse(envelopes),
            Cost = default,
            Headers = new HeaderDictionary(),
        },
        PublishDeadline.After(deadline ?? PublishDeadline.Max, TimeProvider.System), cancellationToken).AsTask();

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        (Results as IDisposable)?.Dispose();
        _listener.Dispose();
        await _metering.DisposeAsync();
    }

    /// <summary>Stops as a crash does: nothing is released, the store is not updated.</summary>
    public ValueTask CrashAsync()
    {
        (Results as IDisposable)?.Dispose();
        return _services.DisposeAsync();
    }

    /// <summary>The answer, read by the generated code.</summary>
    public static (UnsignedOriginatorEnvelope Unsigned, PayerEnvelope Payer, Bytes32 Hash) Read(EnvelopeOutcome outcome)
    {
        Assert.True(outcome.Error is null, outcome.Error?.Message);
        var envelope = OriginatorEnvelope.Parser.ParseFrom(outcome.OriginatorEnvelope.Span);
        var unsigned = UnsignedOriginatorEnvelope.Parser.ParseFrom(envelope.UnsignedOriginatorEnvelope);
        return (unsigned, PayerEnvelope.Parser.ParseFrom(
            unsigned.PayerEnvelopeBytes), new Bytes32(envelope.BlockchainProof.TransactionHash.Span));
    }

    private static IReadOnlyList<ParsedEnvelope> Parse(IReadOnlyList<ClientEnvelope> envelopes)
    {
        var request = new PublishClientEnvelopesRequest { Envelopes = { envelopes } };
        Assert.Null(EnvelopeReader.ReadRequest(request.ToByteArray(), out var parsed));
        return parsed;
    }

    private static ILoggerFactory LoggerFactoryOf() => Environment.GetEnvironmentVariable("XMTP_TEST_LOG") is { Length: > 0 }
        ? LoggerFactory.Create(log => log.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Debug))
        : NullLoggerFactory.Instance;
}
