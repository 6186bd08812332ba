using System.Globalization;
using System.Text.RegularExpressions;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Hosting;

/// <summary>The program on a machine whose kernel has IPv6 turned off: a network namespace of Linux.</summary>
public sealed partial class NetworkNamespaceTests
{
    [Fact]
    public async Task Without_a_bind_address_it_serves_IPv4_where_IPv6_is_turned_off()
    {
        var ip = await MachineProgram.FindAsync("ip", "iproute2");
        var curl = await MachineProgram.FindAsync("curl", "curl");
        string[] chainOnly = [Path.ChangeExtension(typeof(DevNetwork).Assembly.Location, "dll"), "--only", "chain", "--chain-port", "0"];
        await using var attempt = TestProcess.Start("unshare", [.. OwnNetwork, "true"]);
        Assert.True(
            await attempt.WaitAsync() == 0,
            "this test needs a network namespace; run it as root, or allow them: " +
            "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0");
        await using var chain = TestProcess.Start(
            "unshare",
            [
                .. OwnNetwork, "sh", "-c",
                $"{ip} link set lo up && echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6 && exec dotnet \"$@\"", "sh", .. chainOnly,
            ]);
        string? url = null;
        await chain.ReadUntilAsync(line => (url = ChainUrl().Match(line) is { Success: true } found ? found.Value : null) is not null);

        await using var gateway = TestProcess.Start(
            "nsenter",
            [
                .. InNamespaceOf(chain), .. StockProgram.Command,
                "--payer.private-key", GatewayUnderTest.Key, "--contracts.environment=anvil", $"--contracts.app-chain.rpc-url={url}",
                $"--contracts.settlement-chain.rpc-url={url}", "--api.port=0", "--api.http-port=-1", "--api.shutdown-delay=0",
            ]);
        var lines = await gateway.ReadUntilAsync(line => line.Contains("started api server:", StringComparison.Ordinal));
        var port = int.Parse(Port().Match(lines[^1]).Groups[1].Value, CultureInfo.InvariantCulture);

        await using var asked = TestProcess.Start("nsenter", [.. InNamespaceOf(chain), curl, "-sS", $"http://127.0.0.1:{port}/livez"]);
        Assert.Equal((0, ""), (await asked.WaitAsync(), asked.Errors));
        Assert.NotEmpty(asked.Output);
        await gateway.SignalAsync("TERM");
        Assert.Equal(0, await gateway.WaitAsync());
    }

    private static string[] OwnNetwork { get; } = Environment.IsPrivilegedProcess ? ["--net"] : ["--user", "--map-root-user", "--net"];

    private static string[] InNamespaceOf(TestProcess process) =>
        [
            .. Environment.IsPrivilegedProcess ? Array.Empty<string>() : ["--preserve-credentials", "--user"],
            "--net", "--target", $"{process.Id}", "--",
        ];

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex ChainUrl();

    [GeneratedRegex(@" on (?:\[::\]|0\.0\.0\.0):(\d+)")]
    private static partial Regex Port();
}
