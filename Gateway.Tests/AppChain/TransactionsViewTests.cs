using System.Text.Json;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.AppChain;

/// <summary>What operators see, on the metrics port of a whole gateway.</summary>
public sealed class TransactionsViewTests(DevNetFixture box) : IClassFixture<DevNetFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_metrics_port_shows_the_nonces_in_flight_and_counts_them()
    {
        using var http = new HttpClient { BaseAddress = box.Network.Metrics! };
        using var client = new GatewayClient(box.Network.Gateway, Speaks.Grpc);
        await client.PublishAsync(Envelopes.Commit());
        await box.Network.Chain.SetAutomineAsync(false, Cancel);
        var publishing = client.PublishAsync(Envelopes.Identity());
        await Eventually.IsAsync(
            async () => (await NoncesAsync(http)).Any(nonce => nonce.GetProperty("state").GetString() == "Broadcast"), "one nonce is out");
        var seen = (await NoncesAsync(http)).Single();
        Assert.True(seen.GetProperty("here").GetBoolean());
        Assert.Equal("Payload", seen.GetProperty("transactions")[0].GetProperty("kind").GetString());
        var metrics = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Cancel);
        foreach (var name in new[]
        {
            "xmtp_gateway_lru_nonce",
            "xmtp_gateway_nonces_in_flight",
            "xmtp_blockchain_publish_payload_seconds",
            "xmtp_blockchain_oracle_gas_price{",
        })
        {
            Assert.Contains(name, metrics, StringComparison.Ordinal);
        }
        await box.Network.Chain.SetAutomineAsync(true, Cancel);
        await box.Network.Chain.MineAsync(1, Cancel);
        await publishing;
    }

    private static async Task<List<JsonElement>> NoncesAsync(HttpClient http)
    {
        var view = JsonDocument.Parse(await http.GetStringAsync(new Uri("/debug/transactions", UriKind.Relative), Cancel));
        Assert.Equal("Done", view.RootElement.GetProperty("store").GetString());
        Assert.Equal("Done", view.RootElement.GetProperty("ledger").GetString());
        return [.. view.RootElement.GetProperty("nonces").EnumerateArray()];
    }
}
