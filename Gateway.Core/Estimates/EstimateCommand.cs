using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Rating;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Transactions.Fees;

namespace Xmtp.Gateway.Estimates;

/// <summary>
/// Estimates what a month of an app's publishing costs, by the network's current rates and the App Chain's gas price, and
/// suggests limits and budgets that fit it. Starts no gateway and needs no key.
/// </summary>
public static class EstimateCommand
{
    private const string Json = "--json";

    /// <summary>Estimates, and writes the report.</summary>
    /// <param name="args">
    /// The words after <c>estimate</c>: the app's figures, which <c>--help</c> lists, and the gateway's own flags for chains and
    /// contracts; <c>--json</c> writes JSON instead of a table.
    /// </param>
    /// <param name="output">Where to write the report; the console when null.</param>
    /// <param name="errors">Where to write faults; the console's errors when null.</param>
    /// <param name="cancellationToken">Ends the command with <see cref="OperationCanceledException"/>.</param>
    /// <returns>The exit code: 0 done, 1 the chains do not answer, 2 flags or settings cannot be used.</returns>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> args, TextWriter? output = null, TextWriter? errors = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(args);
        var (report, faults) = (output ?? Console.Out, errors ?? Console.Error);
        if (args is ["help", ..] || args.Any(arg => arg is "--help" or "-h"))
        {
            await report.WriteLineAsync(EstimateArguments.Help).ConfigureAwait(false);
            return 0;
        }

        if (EstimateArguments.Read([.. args.Where(arg => arg != Json)], out var fault) is not { } app)
            return await FailAsync(faults, fault!, 2).ConfigureAwait(false);
        var builder = WebApplication.CreateBuilder();
        builder.AddXmtpGateway(app.Settings).UseSigner(new Keyless());
        builder.Logging.ClearProviders();
        var host = builder.Build();
        await using var hostScope = host.ConfigureAwait(false);
        var configuration = host.Services.GetRequiredService<StartChecks>().ConfigurationFaults();
        if (configuration.Count > 0)
            return await FailAsync(faults, string.Join(Environment.NewLine, configuration), 2).ConfigureAwait(false);
        IServiceProvider payer;
        try
        {
            payer = PayerScopes.Of(host.Services)[0].Services;
        }
        catch (GatewayStartException exception)
        {
            return await FailAsync(faults, string.Join(Environment.NewLine, exception.Faults), 2).ConfigureAwait(false);
        }

        var chains = host.Services.GetRequiredService<CostChainClients>();
        if (!chains.HasRates)
        {
            return await FailAsync(
                faults, "--contracts.settlement-chain.rate-registry-address: required for an estimate", 2).ConfigureAwait(false);
        }

        var read = await RateReader.ReadAsync(chains.RateRegistry, cancellationToken).ConfigureAwait(false);
        if (!read.TryGet(out var schedule, out var error)) return await FailAsync(faults, "the rates", error).ConfigureAwait(false);
        if (schedule.InForce(host.Services.GetRequiredService<TimeProvider>().GetUtcNow()) is not { } rates)
            return await FailAsync(faults, "no rates are in force", 1).ConfigureAwait(false);
        var gas = payer.GetRequiredService<FeeOracle>();
        if (await gas.DetectAsync(cancellationToken).ConfigureAwait(false) is { } noPrice)
            return await FailAsync(faults, "the App Chain's gas price", noPrice).ConfigureAwait(false);
        var prices = payer.GetRequiredService<EnvelopeCosts>();
        var month = new EstimateReport(
            MonthEstimate.Of(app, rates, size => prices.PriceOf(prices.GasOf(size))), gas.IsPriced ? null : gas.Expected);
        await report.WriteLineAsync(args.Contains(Json) ? month.ToJson() : month.ToTable()).ConfigureAwait(false);
        return 0;
    }

    private static Task<int> FailAsync(TextWriter errors, string what, RpcError error) =>
        FailAsync(errors, $"{what} cannot be read: {error}", 1);

    private static async Task<int> FailAsync(TextWriter errors, string fault, int exitCode)
    {
        await errors.WriteLineAsync(fault).ConfigureAwait(false);
        return exitCode;
    }

    // Gas is estimated from sizes and the price of a unit, for which no account is needed.
    private sealed class Keyless : ISigner
    {
        public EthereumAddress Address => default;

        public ReadOnlyMemory<byte> PublicKey => default;

        public ValueTask SignAsync(ReadOnlyMemory<byte> hash, Memory<byte> signature, CancellationToken cancellationToken) =>
            throw new NotSupportedException("an estimate signs nothing");
    }
}
