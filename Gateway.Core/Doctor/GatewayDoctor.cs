using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Doctor.Findings;
using Xmtp.Gateway.Hosting;

namespace Xmtp.Gateway.Doctor;

/// <summary>
/// Checks everything that a gateway with these settings needs, without starting one: configuration, key, chains,
/// contracts, nodes, rates, both funds, the store, the keys of tokens.
/// </summary>
public static class GatewayDoctor
{
    private const string Json = "--json";

    /// <summary>Runs the checks, and writes the report.</summary>
    /// <param name="args">
    /// The gateway's own flags; <c>--json</c> writes JSON instead of a table, <c>--help</c> and <c>--version</c> write
    /// the text of <see cref="XmtpGatewayCommands"/> instead of a report.
    /// </param>
    /// <param name="output">Where to write; the console when null.</param>
    /// <param name="yours">What the program adds after <c>AddXmtpGateway</c>, such as a signer.</param>
    /// <returns>The exit code: 0 without faults and warnings, 1 with faults, 2 with warnings only.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, TextWriter? output = null, Action<XmtpGatewayBuilder>? yours = null)
    {
        ArgumentNullException.ThrowIfNull(args);
        string[] flags = [.. args.Where(arg => arg != Json)];
        if (XmtpGatewayCommands.Run(flags) is { } command)
        {
            await (output ?? Console.Out).WriteLineAsync(command.Text).ConfigureAwait(false);
            return command.ExitCode;
        }

        var builder = WebApplication.CreateBuilder();
        var gateway = builder.AddXmtpGateway(flags);
        yours?.Invoke(gateway);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        await using var appScope = app.ConfigureAwait(false);
        var report = new DoctorReport(
            await GatewayExamination.RunAsync(app.Services, isRunning: false, CancellationToken.None).ConfigureAwait(false));
        await (output ?? Console.Out).WriteLineAsync(args.Contains(Json) ? report.ToJson() : report.ToTable()).ConfigureAwait(false);
        return report.ExitCode;
    }
}
