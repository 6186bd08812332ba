using System.Diagnostics;
using Xmtp.Gateway.DevNet.Chain;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Npm;

/// <summary>The tests that <c>npm/gateway</c> has of its own, with the stock program and a whole local network.</summary>
public sealed class NpmGatewayTests(DevNetFixture box) : IClassFixture<DevNetFixture>
{
    // Not the account of the network's own gateway.
    private const int Payer = 3;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);
    private static readonly string Package = Path.Combine(ToolsFolder.Repository!, "npm", "gateway");

    public static TheoryData<string> Files =>
        [.. new DirectoryInfo(Path.Combine(Package, "test")).GetFiles("*.test.js").Select(file => file.Name).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Every_test_of_the_package_passes(string file)
    {
        var start = new ProcessStartInfo("node", ["--test", "--test-reporter=tap", $"test/{file}"]) { WorkingDirectory = Package };
        foreach (var (name, value) in StockProgram.Variables) start.Environment[name] = value;
        start.Environment["CHAIN_URL"] = box.Network.ChainUrl.OriginalString;
        start.Environment["CHAIN_WSS_URL"] = box.Network.ChainWebSocketUrl.OriginalString;
        start.Environment["PAYER_KEY"] = DevAccounts.PrivateKeys[Payer];
        var (exitCode, output, errors) = await TestProcess.RunAsync(start, Limit);
        Assert.True(exitCode == 0, output + errors);
        Assert.Matches(@"\n# pass [1-9]\d*\r?\n# fail 0\r?\n# cancelled 0\r?\n# skipped 0\r?\n", output);
    }
}
