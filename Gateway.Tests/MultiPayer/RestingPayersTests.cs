using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Tests.Endpoints;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.MultiPayer;

/// <summary>Many payers, one of which nobody uses for longer than its funds are read.</summary>
public sealed class RestingPayersTests
{
    private const int Count = 20;
    private const string LastRead = "xmtp_gateway_funds_last_read_timestamp_unix{fund=\"payer\",payer=\"p1\"}";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Funds_of_a_payer_that_nobody_uses_are_read_again_after_its_next_call()
    {
        var clock = new MovedClock();
        using var file = new PayersFileOnDisk();
        for (byte payer = 1; payer <= Count; payer++) file.With($"p{payer}", payer, ChangingPayersFixture.ByKey($"p{payer}"));
        await using var network = await DevNetwork.StartAsync(
            new DevNetOptions
            {
                GatewayArguments = [.. file.Flags, "--funds.refresh-interval=1s"],
                ConfigureGateway = gateway => gateway.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)),
            },
            Cancel);
        using var http = new HttpClient { BaseAddress = network.Metrics! };
        using var client = new ProtocolClient(network.Gateway, Form.Grpc);
        async Task PublishAsync(string payer, byte seed) => Assert.Equal(
            StatusCode.OK,
            (await client.PublishAsync(Envelopes.Request(Envelopes.Welcome(seed)), ChangingPayersFixture.KeyOf(payer))).Code);
        async Task<bool> HasAsync(string line) =>
            (await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Cancel)).Contains(line, StringComparison.Ordinal);
        Task SeesAsync(string payer, ulong balance) => Eventually.IsAsync(
            () => HasAsync($"xmtp_gateway_payer_balance_microdollars{{payer=\"{payer}\"}} {balance}"), $"{payer} has {balance}");
        Task DepositAsync(byte seed) =>
            network.Chain.DepositAsync(PayersFileOnDisk.SignerOf(seed).Address, new Microdollars(5_000_000), Cancel);

        await PublishAsync("p1", 1);
        await DepositAsync(1);
        await SeesAsync("p1", 5_000_000);

        clock.Move(TimeSpan.FromMinutes(11));
        await Eventually.IsAsync(async () => !await HasAsync(LastRead), "it says that they are not read");
        await PublishAsync("p2", 2);
        // A reading of p1 that was under way has ended when one of p2 that began later has.
        await DepositAsync(2);
        await SeesAsync("p2", 5_000_000);
        await DepositAsync(1);
        await DepositAsync(2);
        await SeesAsync("p2", 10_000_000);
        await DepositAsync(2);
        await SeesAsync("p2", 15_000_000);
        await SeesAsync("p1", 5_000_000);

        await PublishAsync("p1", 3);
        await SeesAsync("p1", 10_000_000);
        await Eventually.IsAsync(() => HasAsync(LastRead), "it says that they are read");
    }
}
