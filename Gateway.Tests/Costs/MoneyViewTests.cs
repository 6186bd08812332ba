using System.Net.Http.Headers;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Rating;
using Xmtp.Gateway.Tests.Endpoints;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Costs;

/// <summary>What operators see of money, on the metrics port of a whole gateway.</summary>
public sealed class MoneyViewTests(DevNetFixture box) : IClassFixture<DevNetFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_metrics_port_shows_funds_rates_and_spending_by_day_and_identity()
    {
        using var http = new HttpClient { BaseAddress = box.Network.Metrics! };
        using var client = new GatewayClient(box.Network.Gateway, Speaks.Grpc);
        await Eventually.IsAsync(async () => await ViewAsync(http) is var first
            && first.GetProperty("payer").ValueKind == JsonValueKind.Object
                && first.GetProperty("gas").ValueKind == JsonValueKind.Object
                && first.GetProperty("rates").GetProperty("inForce").ValueKind == JsonValueKind.Object,
                "both funds and the rates are read");
        await client.PublishAsync(Envelopes.Welcome());
        await client.PublishAsync(Envelopes.Commit());

        var view = await ViewAsync(http);
        Assert.Equal("1000000000", view.GetProperty("payer").GetProperty("balanceMicrodollars").GetString());
        var day = Assert.Single(view.GetProperty("spending").GetProperty("days").EnumerateArray());
        Assert.Equal(2, day.GetProperty("total").GetProperty("messages").GetInt64());
        Assert.Equal("address", Assert.Single(day.GetProperty("identities").EnumerateArray()).GetProperty("kind").GetString());
        Assert.NotEqual("0", day.GetProperty("total").GetProperty("feesPicodollars").GetString());
        Assert.NotEqual("0", day.GetProperty("total").GetProperty("gasWei").GetString());
        Assert.NotEmpty(view.GetProperty("history").EnumerateArray());

        var metrics = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Cancel);
        string[] lines =
        [
            "xmtp_gateway_payer_balance_microdollars 1000000000",
            "xmtp_gateway_payer_info{payer=\"0x",
            "xmtp_gateway_payer_pending_withdrawal_microdollars 0",
            "xmtp_gateway_gas_balance_gwei ",
            "xmtp_gateway_funds_level{fund=\"payer\"} 0",
            "xmtp_gateway_funds_level{fund=\"gas\"} 0",
            "xmtp_gateway_funds_runway_hours{fund=\"gas\"} ",
            "xmtp_gateway_spending_paused 0",
            "xmtp_gateway_rate_message_fee_picodollars 10000000",
            "xmtp_gateway_estimated_fees_picodollars_total ",
            "xmtp_gateway_estimated_gas_gwei_total ",
            "xmtp_gateway_settled_usage_picodollars 0",
            "xmtp_gateway_spend_drift_picodollars ",
            "xmtp_gateway_overpriced_messages_total 0",
            "xmtp_gateway_funds_last_read_timestamp_unix{fund=\"payer\"} ",
            "xmtp_gateway_payer_spend_microdollars_per_day ",
            "xmtp_gateway_gas_commit_cost_gwei ",
        ];
        var samples = metrics.Replace("{} ", " ", StringComparison.Ordinal);
        Assert.All(lines, line => Assert.Contains('\n' + line, samples, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_cost_is_a_trailer_only_where_it_is_requested()
    {
        await using var silent = await TestGateway.StartAsync();
        Assert.False((await PublishAsync(silent)).Headers.Contains("trailer-xmtp-cost-picodollars"));

        await using var gateway = await TestGateway.StartAsync(
            services: services => services.Configure<CostsOptions>(costs => costs.Trailer = true));
        gateway.Services.GetRequiredService<RateCache>().Learn(new RateSchedule([new Rates(4_200, 0, 0, 0, 1)]), DateTimeOffset.UnixEpoch);
        Assert.Equal("4200", Assert.Single((await PublishAsync(gateway)).Headers.GetValues("trailer-xmtp-cost-picodollars")));

        var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri(gateway.Url, "/xmtp.xmtpv4.payer_api.PayerApi/PublishClientEnvelopes"))
        {
            Version = new Version(2, 0),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(Framed()),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.ParseAdd("trailers");
        using var http = new HttpClient();
        using var answer = await http.SendAsync(request, Cancel);
        await answer.Content.ReadAsByteArrayAsync(Cancel);
        Assert.Equal("4200", Assert.Single(answer.TrailingHeaders.GetValues("xmtp-cost-picodollars")));
    }

    private static byte[] Framed()
    {
        var message = Envelopes.Request(Envelopes.Welcome()).ToByteArray();
        return [0, .. BitConverter.GetBytes(System.Net.IPAddress.HostToNetworkOrder(message.Length)), .. message];
    }

    private static async Task<HttpResponseMessage> PublishAsync(TestGateway gateway)
    {
        using var http = new HttpClient();
        using var content = new ByteArrayContent(Envelopes.Request(Envelopes.Welcome()).ToByteArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/proto");
        return await http.PostAsync(new Uri(gateway.Url, "/xmtp.xmtpv4.payer_api.PayerApi/PublishClientEnvelopes"), content, Cancel);
    }

    private static async Task<JsonElement> ViewAsync(HttpClient http) =>
        JsonDocument.Parse(await http.GetStringAsync(new Uri("/debug/money", UriKind.Relative), Cancel)).RootElement;
}
