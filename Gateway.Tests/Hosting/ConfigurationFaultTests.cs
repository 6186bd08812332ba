using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.Tests.Hosting;

public sealed class ConfigurationFaultTests
{
    private const string Secret = "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b7869zz";

    [Fact]
    public async Task All_faults_are_listed_at_once_each_with_its_flag_and_its_variable()
    {
        var settings = new Dictionary<string, string?>
        {
            ["XMTPD_PAYER_ENVELOPE_PUBLISH_RETRIES"] = "none",
            ["Xmtp:Metrics:Port"] = "99999",
        };
        await using var gateway = GatewayUnderTest.Build(
            ["--api.port=http", "--payer.node-selector-strategy", "nearest", "--what.is-this", "--contracts.environment=lunar"], settings);
        var faults = await gateway.FaultsAsync();
        string[] names =
        [
            "--what.is-this", "--api.port (XMTPD_API_PORT)", "--payer.node-selector-strategy (XMTPD_PAYER_NODE_SELECTOR_STRATEGY)",
            "--payer.envelope-publish-retries (XMTPD_PAYER_ENVELOPE_PUBLISH_RETRIES)",
            "--metrics.metrics-port (XMTPD_METRICS_METRICS_PORT)",
            "--payer.private-key (XMTPD_PAYER_PRIVATE_KEY)", "--contracts.environment (XMTPD_CONTRACTS_ENVIRONMENT)",
            "--contracts.app-chain.rpc-url (XMTPD_APP_CHAIN_RPC_URL)",
            "--contracts.settlement-chain.rpc-url (XMTPD_SETTLEMENT_CHAIN_RPC_URL)",
        ];
        Assert.Equal(
            names.Order(StringComparer.Ordinal),
            faults.Select(fault => fault[..fault.IndexOf(':', StringComparison.Ordinal)]).Order(StringComparer.Ordinal));
        Assert.Contains(
            faults, fault => fault.EndsWith("\"http\" is wrong; expected a whole number from 0 to 65535", StringComparison.Ordinal));
        Assert.Contains(
            faults, fault => fault.EndsWith("expected one of stable, manual, ordered, random, closest", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_settings_it_names_exactly_the_required_ones()
    {
        await using var gateway = GatewayUnderTest.Build([]);
        Assert.Equal(4, (await gateway.FaultsAsync()).Count);
    }

    [Theory]
    [InlineData("--api.prot=1", "--api.port")]
    [InlineData("--payer.privatekey=1", "--payer.private-key")]
    [InlineData("--private-key=1", "--payer.private-key")]
    [InlineData("--redis-url=1", "--redis.redis-url")]
    public async Task An_unknown_flag_is_a_fault_that_says_what_was_meant(string given, string meant)
    {
        await using var gateway = GatewayUnderTest.Build([.. GatewayUnderTest.Enough, given]);
        Assert.Contains($"{given[..^2]}: there is no such flag; did you mean {meant}?", await gateway.FaultsAsync());
    }

    [Theory]
    [InlineData("--api.port")]
    [InlineData("--api.port", "--metrics.enable")]
    public async Task A_flag_without_its_value_is_a_fault(params string[] args)
    {
        await using var gateway = GatewayUnderTest.Build([.. GatewayUnderTest.Enough, .. args]);
        Assert.Contains("--api.port (XMTPD_API_PORT): a value is missing", await gateway.FaultsAsync());
    }

    [Theory]
    [InlineData("--app-chain.max-gas-price=-1", "expected a price in gwei")]
    [InlineData("--app-chain.max-gas-price=0.0000000001", "expected a price in gwei")]
    [InlineData("--app-chain.min-gas-price=200", "more than --app-chain.max-gas-price")]
    [InlineData("--app-chain.fallback-gas-price=200", "from --app-chain.min-gas-price to --app-chain.max-gas-price")]
    [InlineData("--app-chain.max-in-flight=65", "from 1 to 64")]
    [InlineData("--app-chain.nonce-lease=1s", "expected from 4s to 22s")]
    [InlineData("--app-chain.nonce-lease=23s", "a claim is kept 30s for a process that is gone")]
    [InlineData("--idempotency.window=-1s", "at least 0")]
    [InlineData("--idempotency.capacity=0", "at least 1")]
    [InlineData("--api.max-bytes-in-flight=103MiB", "at least 109051904 (104MiB)")]
    [InlineData("--api.max-bytes-in-flight=much", "a number of bytes such as 268435456 or 256MiB")]
    [InlineData("--api.max-connections=0", "at least 1")]
    [InlineData("--api.max-streams-per-connection=10001", "1 to 10000")]
    public async Task Bounds_of_transactions_and_repetitions_are_held(string given, string expected)
    {
        await using var gateway = GatewayUnderTest.Build([.. GatewayUnderTest.Enough, given]);
        Assert.Contains(
            await gateway.FaultsAsync(),
            fault => fault.StartsWith(given.Split('=')[0], StringComparison.Ordinal) && fault.Contains(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--contracts.settlement-chain.node-registry-refresh-interval")]
    [InlineData("--contracts.start-timeout")]
    [InlineData("--payer.envelope-publish-timeout")]
    [InlineData("--payer.node-selector-cache-expiry")]
    [InlineData("--api.drain-timeout")]
    [InlineData("--funds.refresh-interval")]
    [InlineData("--limits.store-timeout")]
    public async Task A_wait_above_the_maximum_of_a_timer_becomes_that_maximum_with_a_warning(string flag)
    {
        var setting = GatewaySettings.Table().Find(flag)!;
        Assert.True(setting.AreSame("8760h", "34560m"));
        Assert.False(setting.AreSame("575h", "34560m"));
        // Enough of a wait for a start would keep this test waiting.
        string[] enough = [.. GatewayUnderTest.Enough.Where(given => !given.StartsWith(flag, StringComparison.Ordinal))];
        await using var gateway = GatewayUnderTest.Build([.. enough, flag + "=8760h"]);
        var checks = gateway.App.Services.GetRequiredService<StartChecks>();
        Assert.DoesNotContain(checks.ConfigurationFaults(), fault => fault.StartsWith(flag, StringComparison.Ordinal));
        Assert.Equal(
            $"{setting.Name}: longer than a timer can wait; it is read as 576h", Assert.Single(checks.ConfigurationWarnings()));
    }

    [Theory]
    [InlineData("--funds.runway-warning=2160h")]
    [InlineData("--idempotency.window=1000h")]
    [InlineData("--contracts.settlement-chain.max-chain-disconnect-time=8760h")]
    public async Task A_duration_that_times_are_only_compared_with_may_be_longer(string given)
    {
        await using var gateway = GatewayUnderTest.Build([.. GatewayUnderTest.Enough, given]);
        Assert.DoesNotContain(await gateway.FaultsAsync(), fault => fault.StartsWith(given.Split('=')[0], StringComparison.Ordinal));
    }

    [Fact]
    public async Task Leases_that_leave_a_lost_process_s_claims_to_run_out_before_its_nonces_are_taken_over_are_a_fault()
    {
        await using var gateway = GatewayUnderTest.Build(
            GatewayUnderTest.Enough, after: builder => builder.Services.Configure<AppChainTransactionOptions>(options =>
            {
                options.RecoveryInterval = TimeSpan.FromSeconds(12);
                options.Heartbeat = TimeSpan.FromSeconds(6);
            }));
        var faults = await gateway.FaultsAsync();
        Assert.Contains(
            faults,
            fault => fault.StartsWith(
                "--app-chain.nonce-lease (XMTPD_APP_CHAIN_NONCE_LEASE): expected from 4s to 13s", StringComparison.Ordinal)
                && fault.Contains("RecoveryInterval 12s", StringComparison.Ordinal));
        Assert.Contains(
            faults, fault => fault.StartsWith("AppChainTransactionOptions.Heartbeat: expected more than zero", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Budgets_without_a_rate_registry_are_a_fault()
    {
        string[] flags =
        [
            .. GatewayUnderTest.Enough.Where(flag => flag is not ("--contracts.environment" or "anvil")),
            "--contracts.app-chain.group-message-broadcaster-address=0x062741d1daE094dcE72A4895462E17A9bAD4d119",
            "--contracts.app-chain.identity-update-broadcaster-address=0xCF4dEB9D7dBb100002a97d4E95F667c43c01FC10",
            "--contracts.settlement-chain.node-registry-address=0xd19F631634Bdb0e31217Ee22139025B75Ce6EA5C",
        ];
        const string Name =
            "--contracts.settlement-chain.rate-registry-address (XMTPD_SETTLEMENT_CHAIN_RATE_REGISTRY_ADDRESS): required, because budgets";
        await using var without = GatewayUnderTest.Build(flags);
        Assert.DoesNotContain(await without.FaultsAsync(), fault => fault.StartsWith(Name, StringComparison.Ordinal));
        await using var with = GatewayUnderTest.Build([.. flags, "--budgets=1/day"]);
        Assert.Contains(await with.FaultsAsync(), fault => fault.StartsWith(Name, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("manual")]
    [InlineData("ordered")]
    public async Task A_strategy_of_preferred_nodes_needs_some(string strategy)
    {
        await using var gateway = GatewayUnderTest.Build([.. GatewayUnderTest.Enough, "--payer.node-selector-strategy", strategy]);
        Assert.Contains(
            await gateway.FaultsAsync(),
            fault => fault.StartsWith(
                "--payer.node-selector-preferred-nodes (XMTPD_PAYER_NODE_SELECTOR_PREFERRED_NODES)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_program_without_a_doctor_says_how_to_have_one()
    {
        await using var gateway = GatewayUnderTest.Build(["doctor", .. GatewayUnderTest.Enough]);
        Assert.Contains(await gateway.FaultsAsync(), fault => fault.Contains("GatewayDoctor.RunAsync", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("payer", "PayerCommand.RunAsync")]
    [InlineData("estimate", "EstimateCommand.RunAsync")]
    public async Task A_program_without_a_command_of_the_stock_one_says_how_to_have_it(string command, string how)
    {
        await using var gateway = GatewayUnderTest.Build([command, .. GatewayUnderTest.Enough]);
        Assert.Contains(await gateway.FaultsAsync(), fault => fault.Contains(how, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("--version")]
    [InlineData("healthcheck")]
    public async Task A_program_that_runs_no_commands_says_how_to_run_them(string command)
    {
        await using var gateway = GatewayUnderTest.Build([command, .. GatewayUnderTest.Enough]);
        Assert.Contains(
            await gateway.FaultsAsync(),
            fault => fault == $"{command}: this program has none; it has to hand its arguments to XmtpGatewayCommands.Run");
    }

    [Fact]
    public async Task The_two_ports_must_differ()
    {
        await using var gateway = GatewayUnderTest.Build([.. GatewayUnderTest.Enough, "--api.port=6001", "--api.http-port=6001"]);
        Assert.Contains(
            await gateway.FaultsAsync(), fault => fault.StartsWith("--api.http-port (XMTPD_API_HTTP_PORT)", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--payer.private-key", Secret)]
    [InlineData("--payer.private-key=" + Secret)]
    [InlineData(Secret)]
    [InlineData("--payer.key", Secret)]
    [InlineData("--contracts.app-chain.rpc-url", "https://user:" + Secret + "@127.0.0.1:1/v2/" + Secret)]
    [InlineData("--contracts.app-chain.rpc-url", "http://user:" + Secret + "@127.0.0.1:1/v2/" + Secret)]
    [InlineData("--contracts.app-chain.wss-url", "https://127.0.0.1/" + Secret)]
    [InlineData("--contracts.app-chain.wss-url", "wss://127.0.0.1:1/" + Secret)]
    [InlineData("--contracts.settlement-chain.rpc-url", Secret)]
    [InlineData("--contracts.config-json", "{" + Secret)]
    [InlineData("--contracts.config-file-path", "http://user:" + Secret + "@127.0.0.1:1/" + Secret)]
    public async Task No_fault_and_no_log_line_shows_a_secret(params string[] args)
    {
        await using var gateway = GatewayUnderTest.Build([.. GatewayUnderTest.Enough, .. args]);
        Assert.NotEmpty(await gateway.FaultsAsync());
        Assert.DoesNotContain(await gateway.FaultsAsync(), fault => fault.Contains(Secret, StringComparison.Ordinal));
        Assert.DoesNotContain(gateway.Logs.Lines, line => line.Contains(Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_signer_of_one_s_own_needs_no_key()
    {
        Assert.True(PrivateKeySigner.TryParse(GatewayUnderTest.Key, out var own));
        await using var gateway = GatewayUnderTest.Build(GatewayUnderTest.Enough[2..], after: builder => builder.UseSigner(own));
        Assert.DoesNotContain(await gateway.FaultsAsync(), fault => fault.Contains("private-key", StringComparison.Ordinal));
        Assert.Same(own, gateway.App.Services.GetRequiredService<ISigner>());
    }
}
