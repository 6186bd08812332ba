using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Tests.Hosting;

public sealed class ContractsTests : IDisposable
{
    // Members that the gateway does not use are there on purpose: whole files of the contracts' tooling are taken.
    private const string Json = """
        {
          "appChainDeploymentBlock": 12, "appChainFactory": "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512", "appChainId": 4242,
          "deployer": "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
          "groupMessageBroadcaster": "0x00000000000000000000000000000000000000a1",
          "identityUpdateBroadcaster": "0x00000000000000000000000000000000000000a2",
          "nodeRegistry": "0x00000000000000000000000000000000000000a3", "payerRegistry": "0x00000000000000000000000000000000000000a4",
          "payerReportManager": "0x00000000000000000000000000000000000000a5", "rateRegistry": "0x00000000000000000000000000000000000000a6",
          "settlementChainDeploymentBlock": 34, "settlementChainId": 4343,
          "underlyingFeeToken": "0x7038bc51F17055592A5e2099D058023BF0dBe2Eb"
        }
        """;

    private static readonly string[] WithoutEnvironment = [.. GatewayUnderTest.Enough.Where(
        arg => arg is not ("--contracts.environment" or "anvil"))];

    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("anvil", 31337, 31337, 0, 0, "0xd19F631634Bdb0e31217Ee22139025B75Ce6EA5C", "0xCF4dEB9D7dBb100002a97d4E95F667c43c01FC10")]
    [InlineData(
        "testnet",
        351243127,
        84532,
        7243,
        29322114,
        "0x7C639a2be8B75c4799c1372A42448f41B89D88DE",
        "0xD49DCDd95Ce435eaB2E53DBfcBceF5cAAc78D95a")]
    [InlineData(
        "mainnet",
        241320162,
        8453,
        38871,
        39249922,
        "0xC5742B5F2e19B859eaE03A9c44531C33fA8e75F8",
        "0x0F3bb242AaC0D8d32c83aa6c2fEC354b9757374d")]
    public async Task An_environment_gives_chain_ids_contracts_and_blocks(
        string name, ulong app, ulong settlement, ulong appBlock, ulong settlementBlock, string nodes, string identities)
    {
        foreach (var args in new[]
        {
            new[] { "--contracts.environment", name },
            ["--contracts.environment", name.ToUpperInvariant()],
            ["--contracts.config-file-path", "config://" + name],
        })
        {
            await using var gateway = GatewayUnderTest.Build([.. WithoutEnvironment, .. args]);
            var contracts = gateway.Options<ContractsOptions>();
            Assert.Equal((name, app, settlement), (contracts.Environment, contracts.AppChain.ChainId, contracts.SettlementChain.ChainId));
            Assert.Equal((appBlock, settlementBlock), (contracts.AppChain.DeploymentBlock, contracts.SettlementChain.DeploymentBlock));
            Assert.Equal(
                (nodes, identities),
                (contracts.SettlementChain.NodeRegistry.ToString(), contracts.AppChain.IdentityUpdateBroadcaster.ToString()));
        }
    }

    [Fact]
    public async Task A_single_setting_overrides_its_environment()
    {
        await using var gateway = GatewayUnderTest.Build(
            [.. GatewayUnderTest.Enough, "--contracts.settlement-chain.rate-registry-address=0x00000000000000000000000000000000000000bb"],
            new()
            {
                ["XMTPD_APP_CHAIN_CHAIN_ID"] = "77",
                ["XMTPD_APP_CHAIN_GROUP_MESSAGE_BROADCAST_ADDRESS"] = "0x00000000000000000000000000000000000000cc",
            });
        var contracts = gateway.Options<ContractsOptions>();
        Assert.Equal(77ul, contracts.AppChain.ChainId);
        Assert.Equal(EthereumAddress.Parse("0x00000000000000000000000000000000000000bb"), contracts.SettlementChain.RateRegistry);
        Assert.Equal(EthereumAddress.Parse("0x00000000000000000000000000000000000000cc"), contracts.AppChain.GroupMessageBroadcaster);
        Assert.Equal("0xd19F631634Bdb0e31217Ee22139025B75Ce6EA5C", contracts.SettlementChain.NodeRegistry.ToString());
    }

    [Fact]
    public async Task The_json_of_a_deployment_is_taken_as_text()
    {
        await using var gateway = GatewayUnderTest.Build([.. WithoutEnvironment, "--contracts.config-json", Json]);
        Check(gateway.Options<ContractsOptions>());
    }

    [Theory]
    [InlineData("")]
    [InlineData("file://")]
    public async Task The_json_of_a_deployment_is_taken_from_a_file(string scheme)
    {
        await File.WriteAllTextAsync(_file, Json, TestContext.Current.CancellationToken);
        await using var gateway = GatewayUnderTest.Build([.. WithoutEnvironment, "--contracts.config-file-path", scheme + _file]);
        Check(gateway.Options<ContractsOptions>());
    }

    [Fact]
    public async Task The_json_of_a_deployment_is_fetched_from_a_URL()
    {
        await using var server = await ServeAsync(Json);
        await using var gateway = GatewayUnderTest.Build([
            .. WithoutEnvironment,
            "--contracts.config-file-path",
            server.Urls.Single() + "/deployment.json",
        ]);
        Check(gateway.Options<ContractsOptions>());
    }

    [Theory]
    [InlineData("{}", "required")]
    [InlineData("[]", "it is not the JSON of a deployment")]
    [InlineData("null", "it holds no JSON object")]
    [InlineData("""{"appChainId": "x"}""", "member $.appChainId")]
    [InlineData("""{"appChainId": 1, "settlementChainId": 2, "nodeRegistry": "0x12"}""", "its member nodeRegistry is not an address")]
    public async Task A_broken_deployment_is_a_fault_that_names_the_member(string json, string expected)
    {
        await using var gateway = GatewayUnderTest.Build([.. WithoutEnvironment, "--contracts.config-json", json]);
        Assert.Contains(await gateway.FaultsAsync(), fault => fault.Contains(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/there/is/no/such/file.json", "could not be read")]
    [InlineData("config://lunar", "there is no environment \"lunar\"")]
    [InlineData("http://127.0.0.1:1/deployment.json", "could not be fetched")]
    public async Task A_deployment_that_cannot_be_had_is_one_fault(string path, string expected)
    {
        await using var gateway = GatewayUnderTest.Build([.. WithoutEnvironment, "--contracts.config-file-path", path]);
        var fault = Assert.Single(await gateway.FaultsAsync());
        Assert.StartsWith("--contracts.config-file-path (XMTPD_CONTRACTS_CONFIG_FILE_PATH): ", fault, StringComparison.Ordinal);
        Assert.Contains(expected, fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_one_source_may_be_named()
    {
        await using var gateway = GatewayUnderTest.Build([.. GatewayUnderTest.Enough, "--contracts.config-json", Json]);
        Assert.Contains(await gateway.FaultsAsync(), fault => fault.Contains("not several", StringComparison.Ordinal));
    }

    private static async Task<WebApplication> ServeAsync(string json)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        var server = builder.Build();
        server.MapGet("/deployment.json", () => Results.Text(json, "application/json", Encoding.UTF8));
        await server.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    private static void Check(ContractsOptions contracts)
    {
        Assert.Equal(
            (4242ul, 12ul, 4343ul, 34ul),
            (
                contracts.AppChain.ChainId,
                contracts.AppChain.DeploymentBlock,
                contracts.SettlementChain.ChainId,
                contracts.SettlementChain.DeploymentBlock));
        EthereumAddress[] addresses =
        [
            contracts.AppChain.GroupMessageBroadcaster,
            contracts.AppChain.IdentityUpdateBroadcaster,
            contracts.SettlementChain.NodeRegistry,
            contracts.SettlementChain.PayerRegistry, contracts.SettlementChain.PayerReportManager, contracts.SettlementChain.RateRegistry,
        ];
        Assert.Equal([0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6], addresses.Select(address => (int)address.Bytes[^1]));
    }
}
