using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Xmtp.Gateway.Bench.Processes;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.DevNet;

public partial class DevNetProcessTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task It_says_ready_answers_the_request_that_it_prints_and_leaves_nothing_behind(string signal)
    {
        await using var box = DevNetProcess.Start("--port-base", "0");
        var lines = await box.ReadUntilAsync(line => line.StartsWith("Ctrl-C", StringComparison.Ordinal), Cancel);
        var ready = Ready().Match(lines[0]);
        Assert.True(ready.Success, lines[0]);
        Assert.Single(lines, line => line.StartsWith("ready ", StringComparison.Ordinal));

        var answer = await PasteAsync(string.Join('\n', lines));
        var response = JsonParser.Default.Parse<PublishClientEnvelopesResponse>(answer);
        var unsigned = UnsignedOriginatorEnvelope.Parser.ParseFrom(Assert.Single(response.OriginatorEnvelopes).UnsignedOriginatorEnvelope);
        Assert.Equal(1ul, unsigned.OriginatorSequenceId);
        Assert.Equal(0u, unsigned.OriginatorNodeId % 100);

        Assert.Equal(0, await box.SignalAsync(signal, Cancel));
        foreach (var url in ready.Groups.Values.Skip(1).SelectMany(group => group.Value.Split(',')))
            await AssertNobodyAnswersAsync(new Uri(url));
    }

    [Fact]
    public async Task The_page_is_at_the_port_that_it_was_given()
    {
        var port = FreePort.Next();
        await using var box = DevNetProcess.Start("--port-base=0", "--nodes=1", "--page-port", $"{port}");
        var ready = (await box.ReadUntilAsync(line => line.StartsWith("ready ", StringComparison.Ordinal), Cancel))[^1];
        Assert.Contains($" page=http://127.0.0.1:{port}", ready, StringComparison.Ordinal);
        Assert.Equal(0, await box.SignalAsync("TERM", Cancel));
    }

    [Fact]
    public async Task The_metrics_that_the_ready_line_names_are_there()
    {
        await using var box = DevNetProcess.Start("--port-base=0", "--nodes=1");
        var ready = Ready().Match((await box.ReadUntilAsync(line => line.StartsWith("ready ", StringComparison.Ordinal), Cancel))[^1]);
        using var client = new GatewayClient(new Uri(ready.Groups["gateway"].Value), Speaks.ConnectJson);
        await client.PublishAsync(Envelopes.Welcome());
        using var http = new HttpClient();
        Assert.Contains(
            "xmtp_gateway_messages_originated{originator_id=\"100\"} 1",
            await http.GetStringAsync(new Uri($"{ready.Groups["metrics"].Value}/metrics"), Cancel));
        Assert.Single(ready.Groups["nodes"].Value.Split(','));
        Assert.Equal(0, await box.SignalAsync("TERM", Cancel));
    }

    [Fact]
    public async Task What_a_node_staged_before_the_program_was_killed_is_published_when_it_is_back()
    {
        var folder = Directory.CreateTempSubdirectory("devnet-").FullName;
        string[] arguments = ["--port-base=0", "--nodes=1", $"--data={folder}", "--control-port=0"];
        await using (var box = DevNetProcess.Start(arguments))
        {
            var (node, control, chain) = await StartedAsync(box);
            using var http = new HttpClient();
            using var body = new StringContent("""{"workerStuck":true}""", Encoding.UTF8);
            Assert.Equal(HttpStatusCode.OK, (await http.PutAsync(new Uri(control, "/nodes/100/faults"), body, Cancel)).StatusCode);
            var call = RawPublish.PublishAsync(node, null, Payers.Sign(Envelopes.Welcome(1), 100));
            await Eventually.IsAsync(
                async () => (await http.GetStringAsync(new Uri(control, "/nodes"), Cancel))
                    .Contains("\"staged\":1", StringComparison.Ordinal),
                "it is staged");
            Assert.Empty(await StoredAsync(node));
            await box.SignalAsync("KILL", Cancel);
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => call);
            await Eventually.IsAsync(async () => await IsClosedAsync(chain), "its chain has ended too");
        }

        await using (var box = DevNetProcess.Start(arguments))
        {
            var (node, _, _) = await StartedAsync(box);
            IReadOnlyList<OriginatorEnvelope> stored = [];
            await Eventually.IsAsync(async () => (stored = await StoredAsync(node)).Count == 1, "it is published");
            Assert.Equal(1ul, UnsignedOriginatorEnvelope.Parser.ParseFrom(stored[0].UnsignedOriginatorEnvelope).OriginatorSequenceId);
            Assert.Equal(0, await box.SignalAsync("TERM", Cancel));
        }

        Directory.Delete(folder, recursive: true);
    }

    private static async Task<(Uri Node, Uri Control, Uri Chain)> StartedAsync(DevNetProcess box)
    {
        var ready = (await box.ReadUntilAsync(line => line.StartsWith("ready ", StringComparison.Ordinal), Cancel))[^1];
        var urls = ready.Split(' ').Skip(1).Select(part => part.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        return (new Uri(urls["nodes"]), new Uri(urls["control"]), new Uri(urls["chain"]));
    }

    private static async Task<bool> IsClosedAsync(Uri url)
    {
        using var socket = new TcpClient();
        try
        {
            await socket.ConnectAsync(url.Host, url.Port, Cancel);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private static async Task<IReadOnlyList<OriginatorEnvelope>> StoredAsync(Uri node)
    {
        using var channel = Grpc.Net.Client.GrpcChannel.ForAddress(node);
        var query = new QueryEnvelopesRequest { Query = new EnvelopesQuery { OriginatorNodeIds = { 100 } } };
        return (await new QueryApi.QueryApiClient(channel).QueryEnvelopesAsync(query, cancellationToken: Cancel)).Envelopes;
    }

    [Fact]
    public async Task A_proxy_of_the_environment_is_not_used_for_loopback()
    {
        await using var box = DevNetProcess.Start(
            new Dictionary<string, string> { ["HTTP_PROXY"] = "http://127.0.0.1:1" }, "--port-base=0", "--nodes=1");
        var ready = Ready().Match((await box.ReadUntilAsync(line => line.StartsWith("ready ", StringComparison.Ordinal), Cancel))[^1]);
        using var client = new GatewayClient(new Uri(ready.Groups["gateway"].Value), Speaks.ConnectJson);
        await client.PublishAsync(Envelopes.Welcome());
        await client.PublishAsync(Envelopes.Commit());
        Assert.Equal(0, await box.SignalAsync("TERM", Cancel));
    }

    [Fact]
    public async Task A_signal_while_it_starts_ends_it_as_cleanly()
    {
        await using var box = DevNetProcess.Start("--port-base", "0");
        await Eventually.IsAsync(() => box.Errors.Contains("starting anvil", StringComparison.Ordinal), "it starts the chain");
        Assert.Equal(0, await box.SignalAsync("TERM", Cancel));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named_with_the_flags_that_move_it()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var box = DevNetProcess.Start("--port-base", "0", "--api.port", $"{port}");
        Assert.Equal(2, await box.WaitAsync(Cancel));
        Assert.Contains($"port {port} (gateway) is taken: --api.port moves it; --port-base N moves every port", box.Errors);
    }

    [Theory]
    [InlineData("--port-base", "--port-base: a value is missing")]
    [InlineData("--port-base=x", "--port-base: expected a whole number from 0")]
    [InlineData("--nodes=0", "--nodes: expected a whole number from 1 to 20")]
    [InlineData("--block-time=0", "--block-time: expected a whole number from 1 to 3600")]
    [InlineData("--mixed-mining", "--mixed-mining: needs a --block-time")]
    [InlineData("--data=", "--data: expected a folder")]
    [InlineData("--no-such-flag", "--no-such-flag: there is no such flag")]
    [InlineData("--limits=many", "--limits (XMTPD_LIMITS)")]
    [InlineData("--chain=ftp://x", "--chain: expected an http or https URL")]
    public async Task A_wrong_option_is_explained(string argument, string explanation)
    {
        await using var box = DevNetProcess.Start(argument);
        Assert.Equal(2, await box.WaitAsync(Cancel));
        Assert.Contains(explanation, box.Errors);
        Assert.DoesNotContain("starting", box.Errors);
    }

    [Fact]
    public async Task The_version_is_one_line()
    {
        await using var box = DevNetProcess.Start("--version");
        Assert.StartsWith("xmtp-devnet ", Assert.Single(await box.ReadUntilAsync(_ => true, Cancel)), StringComparison.Ordinal);
        Assert.Equal(0, await box.WaitAsync(Cancel));
    }

    [Fact]
    public async Task A_flag_that_the_gateway_does_not_know_is_explained_by_the_gateway()
    {
        await using var box = DevNetProcess.Start("--port-base", "0", "--api.prot=1");
        Assert.Equal(2, await box.WaitAsync(Cancel));
        Assert.Contains("--api.prot: there is no such flag; did you mean --api.port?", box.Errors);
    }

    [Fact]
    public async Task Help_lists_the_options()
    {
        await using var box = DevNetProcess.Start("--help");
        var lines = await box.ReadUntilAsync(line => line.Contains("exit code", StringComparison.Ordinal), Cancel);
        foreach (var option in new[]
        {
            "--port-base N", "--nodes N", "--chain URL", "--data DIR", "--enforce-balance", "--require-node-auth",
            "--control-port N", "--help",
        })
        {
            Assert.Contains(lines, line => line.Contains(option, StringComparison.Ordinal));
        }
        Assert.Equal(0, await box.WaitAsync(Cancel));
    }

    // What bash and curl make of the command.
    private static async Task<string> PasteAsync(string output)
    {
        var command = Curl().Match(output);
        Assert.True(command.Success, output);
        using var body = new ByteArrayContent(Encoding.UTF8.GetBytes(command.Groups["body"].Value));
        body.Headers.ContentType = MediaTypeHeaderValue.Parse(command.Groups["type"].Value);
        using var http = new HttpClient();
        using var answer = await http.PostAsync(new Uri(command.Groups["url"].Value), body, Cancel);
        return await answer.Content.ReadAsStringAsync(Cancel);
    }

    private static async Task AssertNobodyAnswersAsync(Uri url)
    {
        Assert.Equal("127.0.0.1", url.Host);
        using var socket = new TcpClient();
        await Assert.ThrowsAsync<SocketException>(async () => await socket.ConnectAsync(url.Host, url.Port, Cancel));
    }

    [GeneratedRegex(
        @"^ready gateway=(?<gateway>http://127\.0\.0\.1:\d+) web=(?<web>http://127\.0\.0\.1:\d+) " +
        @"metrics=(?<metrics>http://127\.0\.0\.1:\d+) chain=(?<chain>http://127\.0\.0\.1:\d+) " +
        @"nodes=(?<nodes>http://127\.0\.0\.1:\d+(,http://127\.0\.0\.1:\d+)*) page=(?<page>http://127\.0\.0\.1:\d+)$",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Ready();

    [GeneratedRegex(@"curl -s (?<url>\S+) \\\s+-H 'content-type: (?<type>[^']+)' \\\s+-d '(?<body>[^']+)'")]
    private static partial Regex Curl();
}
