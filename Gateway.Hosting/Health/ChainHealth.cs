using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.Hosting.Health;

/// <summary>Checks that a chain's RPC endpoint responds, every 10 s, independently of the health pages.</summary>
/// <remarks>
/// Any answered request of this process shows that it responds, so that a request of its own is sent only after one that was not
/// answered, and at rest, at the third check in a row that sees no new answer. A provider charges for each.
/// An unavailable chain is degraded, however long: the last known list of nodes still serves, and without any nodes the
/// check of nodes reports that. All replicas lose a provider at once, and taking all of them out would end a service
/// that works. After <paramref name="lostAfter"/> the text says that the chain is lost. A chain that responds is
/// degraded as well while <paramref name="trouble"/> has reported for 5 s or more why a publish to it would wait or
/// fail. The log has one line when the endpoint goes away and one when it is back, also where both chains have one endpoint.
/// </remarks>
internal sealed partial class ChainHealth(
    Uri rpcUrl,
    TimeSpan lostAfter,
    TimeProvider time,
    UnreachableEndpoints endpoints,
    ILogger<ChainHealth> logger,
    Func<(RpcError Error, TimeSpan For)?>? trouble = null)
    : BackgroundService, IHealthCheck
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MaxAnswerTime = TimeSpan.FromSeconds(5);
    private const int MaxQuietChecks = 3;

    private readonly HttpRpcTransport _transport = new(rpcUrl);
    private readonly ILogger _logger = logger;
    private long _lastAnswer = time.GetTimestamp();
    private volatile bool _answers = true;
    private volatile RpcError? _error;
    private int _quietChecks = MaxQuietChecks;
    private long _seen;

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (_answers)
        {
            return Task.FromResult(trouble?.Invoke() is { } found && found.For >= MaxAnswerTime
                ? HealthCheckResult.Degraded(
                    $"no transactions are accepted for {GoDuration.Format(TimeSpan.FromSeconds((long)found.For.TotalSeconds))}: " +
                    $"{found.Error}")
                : HealthCheckResult.Healthy());
        }

        var silence = time.GetElapsedTime(Interlocked.Read(ref _lastAnswer));
        var text = $"{_transport.Endpoint} {(silence > lostAfter ? "is lost: it " : "")}has not answered " +
            $"for {GoDuration.Format(TimeSpan.FromSeconds((long)silence.TotalSeconds))}{(_error is { } error ? $": {error}" : "")}";
        return Task.FromResult(HealthCheckResult.Degraded(text));
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _transport.Dispose();
        base.Dispose();
    }

    /// <summary>One check: asks the endpoint if that is due.</summary>
    internal Task CheckAsync(CancellationToken stoppingToken) => IsDue() ? AskAsync(stoppingToken) : Task.CompletedTask;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        do await CheckAsync(stoppingToken).ConfigureAwait(false);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    private bool IsDue()
    {
        var answered = _transport.Answered;
        if (answered > _seen)
        {
            NoteAnswer(answered);
            _error = null;
            _answers = true;
            Report();
        }
        else
        {
            _quietChecks++;
        }

        return _transport.HasUnanswered || _quietChecks >= MaxQuietChecks;
    }

    private void NoteAnswer(long answered)
    {
        _seen = answered;
        _quietChecks = 0;
        Interlocked.Exchange(ref _lastAnswer, time.GetTimestamp());
    }

    private async Task AskAsync(CancellationToken stoppingToken)
    {
        using var timeout = new CancellationTokenSource(MaxAnswerTime, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stoppingToken);
        try
        {
            _error = (await new EthereumRpc(_transport).GetChainIdAsync(linked.Token).ConfigureAwait(false)).Error;
            _answers = _error is null;
        }
        catch (OperationCanceledException)
        {
            if (stoppingToken.IsCancellationRequested) return;
            _error = RpcError.Transport("eth_chainId", "no answer came in time");
            _answers = false;
        }

        Report();
        if (_answers) NoteAnswer(_transport.Answered);
    }

    private void Report()
    {
        if (_error is { } error && endpoints.Add(_transport.Endpoint, Interlocked.Read(ref _lastAnswer)))
            LogUnavailable(_logger, _transport.Endpoint, error);
        else if (_answers && endpoints.Remove(_transport.Endpoint, out var since))
            LogBack(_logger, _transport.Endpoint, (long)time.GetElapsedTime(since).TotalSeconds);
    }

    [LoggerMessage(
        EventIds.ChainHealthUnavailable,
        LogLevel.Warning,
        "the chain's endpoint {Endpoint} does not answer; it is asked every 10 s: {Error}")]
    private static partial void LogUnavailable(ILogger logger, string endpoint, RpcError error);

    [LoggerMessage(EventIds.ChainHealthBack, LogLevel.Information, "the chain's endpoint {Endpoint} answers again, after {Seconds} s")]
    private static partial void LogBack(ILogger logger, string endpoint, long seconds);
}
