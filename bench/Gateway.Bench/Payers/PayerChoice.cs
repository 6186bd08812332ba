using System.Diagnostics;
using System.Net;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.MultiPayer;

namespace Xmtp.Gateway.Bench.Payers;

/// <summary>How long the payer of a call is looked for, in this process: by the key that the caller sends.</summary>
internal static class PayerChoice
{
    private const int Callers = 997;

    /// <summary>The time of a choice, in microseconds: the best of five rounds.</summary>
    public static async Task<double> MeasureAsync(PayersFolder folder, Uri chain, int choices, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.AddXmtpGateway([.. Publish.GatewayStart.Flags(0, chain, "sampled"), "--payers-file", folder.Path]);
        await using var gateway = builder.Build();
        var selector = gateway.Services.GetRequiredService<IPayerSelector>();
        var calls = Enumerable.Range(0, Callers).Select(i => CallOf((int)((long)i * folder.Count / Callers))).ToArray();
        var caller = new ClientIdentity("address", "127.0.0.1");
        var best = double.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            var at = Stopwatch.GetTimestamp();
            for (var i = 0; i < choices; i++)
            {
                var selected = await selector.SelectAsync(caller, calls[i % calls.Length], cancellationToken);
                if (selected.Payer is null) throw new BenchFailure("a caller belongs to no payer");
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(at).TotalMicroseconds / choices);
        }

        return best;
    }

    private static DefaultHttpContext CallOf(int payer)
    {
        var call = new DefaultHttpContext();
        call.Connection.RemoteIpAddress = IPAddress.Loopback;
        call.Request.Headers[PayersFolder.Header] = PayersFolder.CallerKey(payer);
        return call;
    }
}
