using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Hosting;

public sealed class GatewayProcessTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    private string[] Flags =>
    [
        "--payer.private-key",
        GatewayUnderTest.Key,
        "--contracts.environment=anvil",
        $"--contracts.app-chain.rpc-url={chain.Anvil.HttpUrl}",
        $"--contracts.settlement-chain.rpc-url={chain.Anvil.HttpUrl}",
        "--api.port=0", "--api.http-port=-1", "--api.bind-address=127.0.0.1",
    ];

    [Fact]
    public async Task Help_all_lists_every_flag_and_every_variable_and_exits_with_0()
    {
        var (exitCode, output, errors) = await GatewayProcess.RunAsync("--help", "all");
        Assert.Equal((0, ""), (exitCode, errors));
        foreach (var setting in GatewaySettings.Table().Settings)
        {
            Assert.Contains("--" + setting.Flag, output, StringComparison.Ordinal);
            Assert.All(setting.Variables, variable => Assert.Contains(variable, output, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Version_is_one_line()
    {
        var (exitCode, output, errors) = await GatewayProcess.RunAsync("--version");
        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Matches(@"^xmtp-gateway \d+\.\d+\.\d+\S*\s$", output);
    }

    [Fact]
    public async Task Faults_are_a_readable_list_on_the_error_output_and_exit_code_2()
    {
        var (exitCode, output, errors) = await GatewayProcess.RunAsync("--api.port=x", "--payer.private-key=y");
        Assert.Equal((2, ""), (exitCode, output));
        var lines = errors.TrimEnd().Split(Environment.NewLine);
        Assert.Equal("The gateway cannot start: 5 faults.", lines[0]);
        Assert.All(lines[1..], line => Assert.StartsWith("  - --", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_chain_that_is_not_the_environment_s_is_exit_code_2_as_well()
    {
        var (exitCode, _, errors) = await GatewayProcess.RunAsync([.. Flags, "--contracts.environment=testnet"]);
        Assert.Equal(2, exitCode);
        Assert.Contains("has chain id 31337; expected 351243127", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Terminate_ends_it_well_and_the_log_has_the_version_the_stop_and_nothing_alarming_after_it()
    {
        await using var gateway = GatewayProcess.Start(
            [.. Flags, "--api.shutdown-delay=2s", "--log.log-encoding=json", "--metrics.enable", "--metrics.metrics-port=0"]);
        Assert.Matches(@"xmtp-gateway \d+\.\d+\.\d+\S* starts, on \.NET 10", await gateway.ReadUntilAsync(" starts, on "));
        var started = await gateway.ReadUntilAsync("started api server:");
        await gateway.SignalAsync("TERM");
        await gateway.ReadUntilAsync("stopping: not ready");
        // A probe during the stop, which finds that it is not ready.
        using var http = new HttpClient();
        using var probe = await http.GetAsync(
            new Uri($"http://{started.Split("metrics on ")[1].Split('"')[0]}/readyz"), TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, probe.StatusCode);
        var last = await gateway.ReadLinesUntilAsync("xmtp-gateway has stopped");
        Assert.All(last, line => Assert.Contains("\"level\":\"INFO\"", line, StringComparison.Ordinal));
        Assert.Equal(0, await gateway.WaitAsync());
    }

    [Fact]
    public async Task A_hangup_ends_it_cleanly()
    {
        await using var gateway = GatewayProcess.Start([.. Flags, "--api.shutdown-delay=0"]);
        await gateway.ReadUntilAsync("started api server:");
        await gateway.SignalAsync("HUP");
        Assert.Equal(0, await gateway.WaitAsync());
    }

    [Theory]
    [InlineData(false, "on [::]:")]
    [InlineData(true, "on 0.0.0.0:")]
    public async Task Without_a_bind_address_it_listens_on_all_of_IPv4_and_IPv6_or_of_IPv4_alone(bool withoutIPv6, string listens)
    {
        // .NET's own switch for a machine without IPv6.
        Dictionary<string, string> variables = withoutIPv6 ? new() { ["DOTNET_SYSTEM_NET_DISABLEIPV6"] = "1" } : [];
        await using var gateway = GatewayProcess.Start([.. Flags[..^1], "--api.shutdown-delay=0"], variables);
        var line = await gateway.ReadUntilAsync("started api server:");
        Assert.Contains(listens, line, StringComparison.Ordinal);
        using var http = new HttpClient();
        var port = line.Split(listens)[1].Split(',')[0];
        foreach (var host in withoutIPv6 ? ["127.0.0.1"] : new[] { "127.0.0.1", "[::1]" })
            Assert.NotEmpty(await http.GetStringAsync(new Uri($"http://{host}:{port}/livez"), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("--api.port", "--api.port (XMTPD_API_PORT)")]
    [InlineData("--api.http-port", "--api.http-port (XMTPD_API_HTTP_PORT)")]
    [InlineData("--metrics.metrics-port", "--metrics.metrics-port (XMTPD_METRICS_METRICS_PORT)")]
    public async Task A_port_that_is_taken_is_a_fault_by_its_flag_and_exit_code_2(string flag, string name)
    {
        using var other = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        other.Start();
        var taken = ((System.Net.IPEndPoint)other.LocalEndpoint).Port;
        string[] ports = [.. Flags.Where(given => !given.StartsWith(flag + "=", StringComparison.Ordinal)), $"{flag}={taken}"];
        var (exitCode, _, errors) = await GatewayProcess.RunAsync([.. ports, "--metrics.enable"]);
        Assert.Equal(2, exitCode);
        Assert.Contains($"  - {name}: 127.0.0.1:{taken} is taken by another process", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watcher_whose_port_is_taken_says_so_by_its_flag_with_exit_code_2()
    {
        using var other = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        other.Start();
        var taken = ((System.Net.IPEndPoint)other.LocalEndpoint).Port;
        var (exitCode, _, errors) = await TestProcess.RunAsync(new System.Diagnostics.ProcessStartInfo(
            "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "xmtp-chain-watcher.dll"), "--contracts.environment=anvil",
                $"--contracts.settlement-chain.rpc-url={chain.Anvil.HttpUrl}", $"--metrics.metrics-port={taken}",
            ]));
        Assert.Equal(2, exitCode);
        Assert.Contains(
            $"  - --metrics.metrics-port (XMTPD_METRICS_METRICS_PORT): 127.0.0.1:{taken} is taken by another process",
            errors,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_of_appsettings_whose_port_is_taken_ends_with_its_address_and_exit_code_2()
    {
        using var other = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        other.Start();
        var address = $"127.0.0.1:{((System.Net.IPEndPoint)other.LocalEndpoint).Port}";
        var (exitCode, _, errors) = await GatewayProcess.RunAsync(
            new Dictionary<string, string> { ["Kestrel__Endpoints__More__Url"] = $"http://{address}" }, Flags);
        Assert.Equal(2, exitCode);
        Assert.Contains($"The program cannot start: Failed to bind to address http://{address}", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_URL_with_the_scheme_of_the_other_endpoint_is_read_as_meant_with_a_warning()
    {
        var http = chain.Anvil.HttpUrl.OriginalString;
        var socket = http.Replace("http://", "ws://", StringComparison.Ordinal);
        string[] urls =
        [
            $"--contracts.app-chain.rpc-url={socket}", $"--contracts.settlement-chain.rpc-url={http}",
            $"--contracts.app-chain.wss-url={http}",
        ];
        await using var gateway = GatewayProcess.Start(
            [.. Flags.Where(flag => !flag.Contains("rpc-url", StringComparison.Ordinal)), .. urls, "--api.shutdown-delay=0"]);
        await gateway.ReadUntilAsync("--contracts.app-chain.rpc-url (XMTPD_APP_CHAIN_RPC_URL): a URL that begins with http:// or https://");
        await gateway.ReadUntilAsync("--contracts.app-chain.wss-url (XMTPD_APP_CHAIN_WSS_URL): a URL that begins with ws:// or wss://");
        await gateway.ReadUntilAsync("started api server:");
    }

    [Fact]
    public async Task A_second_interrupt_ends_it_at_once()
    {
        await using var gateway = GatewayProcess.Start([.. Flags, "--api.shutdown-delay=1h", "--log.log-encoding=json"]);
        await gateway.ReadUntilAsync("started api server:");
        await gateway.SignalAsync("INT");
        await gateway.ReadUntilAsync("still accepting");
        await gateway.SignalAsync("INT");
        Assert.Equal(130, await gateway.WaitAsync());
    }

    [Fact]
    public async Task A_key_in_a_file_that_a_variable_names_is_the_payer_s()
    {
        var folder = Directory.CreateTempSubdirectory("payer-key-");
        try
        {
            var file = Path.Combine(folder.FullName, "key");
            await File.WriteAllTextAsync(file, GatewayUnderTest.Key + "\n", TestContext.Current.CancellationToken);
            await using var gateway = GatewayProcess.Start(
                [.. Flags[2..], "--api.shutdown-delay=0"], new() { ["XMTPD_PAYER_PRIVATE_KEY_FILE"] = file });
            await gateway.ReadUntilAsync("the payer is 0x70997970C51812dc3A010C7d01b50e0d17dc79C8; signatures by ");
            await gateway.SignalAsync("TERM");
            Assert.Equal(0, await gateway.WaitAsync());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task What_a_client_did_wrong_with_HTTP_2_is_counted_and_in_the_log_at_debug()
    {
        await using var gateway = GatewayProcess.Start(
            [.. Flags, "--log.log-level=debug", "--api.shutdown-delay=0", "--metrics.enable", "--metrics.metrics-port=0"]);
        var started = await gateway.ReadUntilAsync("started api server:");
        var port = int.Parse(
            started.Split("on 127.0.0.1:")[1].Split(',')[0], System.Globalization.CultureInfo.InvariantCulture);
        var metrics = new Uri($"http://{started.Split("metrics on ")[1]}/metrics");
        using (var socket = new System.Net.Sockets.TcpClient())
        {
            await socket.ConnectAsync(System.Net.IPAddress.Loopback, port, TestContext.Current.CancellationToken);
            // A SETTINGS frame of one byte.
            byte[] bad = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 1, 4, 0, 0, 0, 0, 0, 0];
            await socket.GetStream().WriteAsync(bad, TestContext.Current.CancellationToken);
            await gateway.ReadUntilAsync("HTTP/2 connection error");
        }

        using var http = new HttpClient();
        await Eventually.IsAsync(
            async () => (await http.GetStringAsync(metrics, TestContext.Current.CancellationToken))
                .Contains("xmtp_gateway_connection_errors_total{error=\"invalid_frame_length\"} 1", StringComparison.Ordinal),
            "the error is counted");
    }

    [Fact]
    public async Task A_chain_outage_is_logged_once_and_its_end_once()
    {
        await using var proxy = await RpcProxy.StartAsync(chain.Anvil.HttpUrl);
        string[] flags = [.. Flags.Where(flag => !flag.Contains("rpc-url", StringComparison.Ordinal))];
        await using var gateway = GatewayProcess.Start(
        [
            .. flags,
            $"--contracts.app-chain.rpc-url={proxy.Url}",
            $"--contracts.settlement-chain.rpc-url={proxy.Url}",
            "--contracts.settlement-chain.node-registry-refresh-interval=1s",
            "--contracts.settlement-chain.rate-registry-refresh-interval=1s",
            "--funds.refresh-interval=1s",
            "--api.shutdown-delay=0",
        ]);
        await gateway.ReadUntilAsync("started api server:");
        proxy.Fault = (_, _, _) => Task.FromResult<string?>(null);
        var endpoint = proxy.Url.GetLeftPart(UriPartial.Authority);
        var first = await gateway.ReadLinesUntilAsync($"the chain's endpoint {endpoint} does not answer");
        Assert.Single(first, IsAlarming);
        var failed = proxy.Requests;
        await Eventually.IsAsync(() => proxy.Requests > failed + 20, "all readers tried again");
        proxy.Fault = (_, _, forward) => RpcProxy.Pass(forward);
        var lines = await gateway.ReadLinesUntilAsync("answers again, after");
        Assert.DoesNotContain(lines, IsAlarming);
    }

    [Fact]
    public async Task A_chain_that_goes_away_with_its_WebSocket_under_load_is_one_line_beside_those_of_the_publishes()
    {
        await using var proxy = await RpcProxy.StartAsync(chain.Anvil.HttpUrl);
        string[] flags = [.. Flags.Where(flag => !flag.Contains("rpc-url", StringComparison.Ordinal))];
        await using var gateway = GatewayProcess.Start(
        [
            .. flags,
            $"--contracts.app-chain.rpc-url={proxy.Url}",
            $"--contracts.app-chain.wss-url={proxy.WebSocketUrl}",
            $"--contracts.settlement-chain.rpc-url={proxy.Url}",
            $"--contracts.settlement-chain.wss-url={proxy.WebSocketUrl}",
            "--funds.refresh-interval=1s",
            "--api.shutdown-delay=0",
        ]);
        var started = await gateway.ReadUntilAsync("started api server:");
        var port = started.Split("on 127.0.0.1:")[1].Split(',')[0];
        using var client = new GatewayClient(new Uri($"http://127.0.0.1:{port}"), Speaks.Grpc);
        await client.PublishAsync(Envelopes.Commit(1));

        proxy.Fault = (_, _, _) => Task.FromResult<string?>(null);
        proxy.SocketFault = (_, _) => "";
        await proxy.CutSocketsAsync();
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var publishing = PublishUntilAsync(client, ends.Token);
        var lines = await gateway.ReadLinesUntilAsync("does not answer; it is asked every 10 s");
        var failed = proxy.Requests;
        await Eventually.IsAsync(() => proxy.Requests > failed + 50, "everything tried again");
        proxy.Fault = (_, _, forward) => RpcProxy.Pass(forward);
        proxy.SocketFault = (_, _) => null;
        await proxy.CutSocketsAsync();
        lines = [.. lines, .. await gateway.ReadLinesUntilAsync("answers again, after")];
        await ends.CancelAsync();
        await publishing;

        // The lines of the calls that failed, and of their transactions, are theirs.
        string[] ofPublishes = ["FailedCallLog", "AppChainPublisher", "TransactionBroadcaster", "TransactionMonitor"];
        var alarming = lines.Where(IsAlarming).Where(line => !ofPublishes.Any(name => line.Contains(name, StringComparison.Ordinal)));
        Assert.Contains("does not answer; it is asked every 10 s", Assert.Single(alarming), StringComparison.Ordinal);
    }

    private static async Task PublishUntilAsync(GatewayClient client, CancellationToken ends)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (byte i = 2; !ends.IsCancellationRequested; i++)
        {
            try
            {
                await client.PublishAsync(Envelopes.Commit(i));
            }
            catch (Grpc.Core.RpcException)
            {
                // The chain is away.
            }

            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    // A payer without a balance, and a gateway that anyone may use, are told beside the chain.
    private static bool IsAlarming(string line) =>
        new[] { "warn: ", "fail: ", "crit: " }.Any(level => line.Contains(level, StringComparison.Ordinal))
            && !line.Contains("fund is now", StringComparison.Ordinal)
            && !line.Contains("OpenGatewayWarning", StringComparison.Ordinal);

    [Fact]
    public async Task The_log_says_what_runs_and_not_the_key()
    {
        await using var gateway = GatewayProcess.Start(
            [.. Flags, "--log.log-level=debug", "--api.shutdown-delay=0"], new() { ["XMTPD_REDIS_KEY_PREFIX"] = "mine:" });
        await gateway.ReadUntilAsync("environment anvil: App Chain 31337");
        await gateway.ReadUntilAsync("the payer is 0x70997970C51812dc3A010C7d01b50e0d17dc79C8; signatures by ");
        await gateway.ReadUntilAsync("state is kept in memory");
        await gateway.ReadUntilAsync("on 127.0.0.1:");
    }
}
