using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.Costs.Spending;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Endpoints.Listening;
using Xmtp.Gateway.Endpoints.Telemetry;
using Xmtp.Gateway.Hosting.Health;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.Hosting;

/// <summary>
/// A gateway inside a program: an agent, a test, a desktop application. It needs no web host, takes no signals of the process, and
/// ends with <see cref="StopAsync"/> or <see cref="DisposeAsync"/>.
/// </summary>
/// <remarks>
/// A process may have several, each with a payer of its own, or with one payer and one Redis. All members are thread-safe. As every
/// gateway it lets the HTTP clients of the process bypass a proxy for addresses of this machine.
/// </remarks>
public sealed class XmtpGateway : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CallMetrics _calls;
    private readonly Lock _gate = new();
    private Task? _stopped;
    private XmtpGatewayStats? _last;

    private XmtpGateway(WebApplication app)
    {
        _app = app;
        _calls = app.Services.GetRequiredService<CallMetrics>();
        Url = UrlOf(app.Services.GetRequiredService<GatewayAddresses>().Main!);
        Payer = app.Services.GetRequiredService<ISigner>().Address;
    }

    /// <summary>
    /// What clients take as <c>gatewayHost</c>, such as <c>http://127.0.0.1:50123</c>: gRPC, gRPC-Web and Connect. A gateway that
    /// listens on all addresses is reached at this machine's.
    /// </summary>
    public Uri Url { get; }

    /// <summary>The payer's address, which has to be funded.</summary>
    public EthereumAddress Payer { get; }

    /// <summary>Counts since the start. May be read after the stop.</summary>
    public XmtpGatewayStats Stats
    {
        get
        {
            lock (_gate) return _last ?? Count();
        }
    }

    /// <summary>Starts a gateway; it publishes when the task completes.</summary>
    /// <param name="options">The options; on the local network the payer's key is enough.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="GatewayStartException">
    /// The gateway cannot start, for example without a key, at a port that is taken, or without its chain: each fault is a line that
    /// begins with the name of the option. Nothing is left running.
    /// </exception>
    /// <exception cref="OperationCanceledException">The start was cancelled; nothing is left running.</exception>
    public static async Task<XmtpGateway> StartAsync(XmtpGatewayOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            return await StartCheckedAsync(options, cancellationToken).ConfigureAwait(false);
        }
        catch (GatewayStartException exception)
        {
            throw GatewayStartException.InCode(OptionFlags.InOptions(options, exception.Faults));
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            // Between the check of the ports and their opening.
            throw GatewayStartException.InCode(
                [$"{nameof(XmtpGatewayOptions.Port)}: {options.BindAddress}:{options.Port} is taken by another process"]);
        }
    }

    /// <summary>The checks of the gateway's parts, as its health pages show them. A report is at most one second old.</summary>
    /// <exception cref="ObjectDisposedException">The gateway has stopped.</exception>
    public Task<HealthReport> GetHealthAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopped is not null, this);
            return _app.Services.GetRequiredService<HealthReports>().GetAsync(cancellationToken);
        }
    }

    /// <summary>
    /// Closes the port, waits for running calls (<c>--api.drain-timeout</c>, 30 s by default), and frees everything. Further calls
    /// wait for the first.
    /// </summary>
    /// <param name="cancellationToken">Of the first call: ends the waiting for running calls, which then fail.</param>
    public Task StopAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate) return _stopped ??= StopOnceAsync(cancellationToken);
    }

    /// <summary>The same as <see cref="StopAsync"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // A stop that did not wait for the running calls has freed everything too.
        }
    }

    private static async Task<XmtpGateway> StartCheckedAsync(XmtpGatewayOptions options, CancellationToken cancellationToken)
    {
        // Neither variables nor files: the program's own are not the gateway's.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddSingleton<IHostLifetime, OwnedLifetime>();
        var gateway = XmtpGatewayBuilderExtensions.Add(builder, OptionFlags.Of(options), ownsProcess: false);
        if (options.Signer is not null) gateway.UseSigner(options.Signer);
        builder.Services.Replace(ServiceDescriptor.Singleton(options.LoggerFactory ?? NullLoggerFactory.Instance));
        options.Configure?.Invoke(gateway);
        var app = builder.Build();
        try
        {
            app.MapXmtpGateway();
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
            await FirstReading.RunAsync(app.Services, cancellationToken).ConfigureAwait(false);
            return new XmtpGateway(app);
        }
        catch
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static Uri UrlOf(IPEndPoint listening)
    {
        var address = listening.Address.Equals(IPAddress.Any) || listening.Address.Equals(IPAddress.IPv6Any)
            ? IPAddress.Loopback
            : listening.Address;
        return new Uri($"http://{new IPEndPoint(address, listening.Port)}");
    }

    private async Task StopOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _app.StopAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate) _last = Count();
            await _app.DisposeAsync().ConfigureAwait(false);
        }
    }

    private XmtpGatewayStats Count()
    {
        var (ended, failed) = _calls.Totals;
        var spent = _app.Services.GetRequiredService<SpendLedger>().Total;
        return new XmtpGatewayStats
        {
            Requests = ended,
            Errors = failed,
            Published = spent.Messages,
            Spent = spent.Total,
            TransactionsInFlight = _app.Services.GetRequiredService<PendingTransactions>().Count,
            Nodes = _app.Services.GetRequiredService<INodeRegistry>().Current.Nodes.Count,
        };
    }
}
