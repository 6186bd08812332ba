using System.Net;
using System.Net.Http.Headers;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Operator;

/// <summary>The pages of the metrics port of a whole gateway: who gets them, and what scrapers get beside them.</summary>
public sealed class OperatorPortTests(OperatorPortTests.WithToken box) : IClassFixture<OperatorPortTests.WithToken>
{
    private const string Secret = "0123456789abcdef-token";
    private static readonly string[] Pages =
        ["/debug/overview", "/debug/spending", "/debug/money", "/debug/transactions", "/debug/doctor"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_browser_gets_the_page_at_the_root_and_a_scraper_the_metrics()
    {
        using var page = await SendAsync("/", html: true);
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        Assert.Contains("<title>XMTP gateway</title>", await page.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        using var scrape = await SendAsync("/", html: false, headers: ("X-Forwarded-For", "203.0.113.7"));
        Assert.Equal(HttpStatusCode.OK, scrape.StatusCode);
        Assert.Contains("# TYPE process_start_time_seconds", await scrape.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_runs_its_own_script_alone_and_loads_nothing_from_elsewhere()
    {
        using var first = await SendAsync("/", html: true);
        using var second = await SendAsync("/", html: true);
        var policy = Assert.Single(first.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; script-src 'nonce-", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.NotEqual(policy, Assert.Single(second.Headers.GetValues("Content-Security-Policy")));
        var html = await first.Content.ReadAsStringAsync(Cancel);
        Assert.DoesNotContain("{nonce}", html, StringComparison.Ordinal);
        Assert.DoesNotMatch("(?:src|href)=\"https?:", html);
        Assert.Equal("no-store", first.Headers.CacheControl!.ToString());
    }

    [Fact]
    public async Task Every_page_needs_the_token_behind_a_proxy_and_for_another_host_and_the_metrics_and_health_need_none()
    {
        (string, string)[][] strangers =
            [[("X-Forwarded-For", "203.0.113.7")], [("Forwarded", "for=203.0.113.7")], [("Host", "evil.example")]];
        foreach (var headers in strangers)
        {
            foreach (var path in Pages.Append("/"))
            {
                using var refused = await SendAsync(path, html: true, headers);
                Assert.Equal((path, HttpStatusCode.Unauthorized), (path, refused.StatusCode));
                Assert.StartsWith("Basic ", refused.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
                Assert.DoesNotContain("payer", await refused.Content.ReadAsStringAsync(Cancel), StringComparison.OrdinalIgnoreCase);
            }

            foreach (var path in new[] { "/metrics", "/any", "/livez", "/readyz" })
                Assert.Equal((path, HttpStatusCode.OK), (path, (await SendAsync(path, html: false, headers)).StatusCode));
            Assert.Equal(
                HttpStatusCode.OK,
                (await SendAsync("/debug/overview", html: false, [.. headers, ("Authorization", $"Bearer {Secret}")])).StatusCode);
        }
    }

    [Fact]
    public async Task A_token_that_is_missing_or_short_is_a_fault_at_start()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "short", Cancel);
        foreach (var (path, fault) in new[] { (file, "the token is too short"), (file + ".missing", "there is no such file") })
        {
            var thrown = await Assert.ThrowsAsync<GatewayStartException>(
                () => DevNetwork.StartAsync(new DevNetOptions { GatewayArguments = ["--metrics.admin-token-file", path] }, Cancel));
            Assert.Contains(
                $"--metrics.admin-token-file (XMTPD_METRICS_ADMIN_TOKEN_FILE): {fault}",
                Assert.Single(thrown.Faults),
                StringComparison.Ordinal);
        }

        File.Delete(file);
    }

    private async Task<HttpResponseMessage> SendAsync(string path, bool html, params (string Name, string Value)[] headers)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(box.Network.Metrics!, path));
        if (html) request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await http.SendAsync(request, Cancel);
    }

    public sealed class WithToken : DevNetFixture
    {
        private readonly string _file = WriteToken();

        protected override DevNetOptions Options => new() { GatewayArguments = ["--metrics.admin-token-file", _file] };

        private static string WriteToken()
        {
            var file = Path.GetTempFileName();
            File.WriteAllText(file, Secret + "\n");
            return file;
        }
    }
}
