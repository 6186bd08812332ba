using Xmtp.Gateway.Tests.Crypto;
using Xmtp.Gateway.Tests.Hosting;

namespace Xmtp.Gateway.Tests.MultiPayer;

/// <summary>Keys of payers and senders that are derived from one seed.</summary>
public sealed class SeedFileTests : IDisposable
{
    private const string First = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
    private const string Second = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
    private const string Third = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";
    private static readonly string Digits = Convert.ToHexStringLower(DerivedKeyTests.LocalChainSeed());

    private readonly PayersFileOnDisk _file = new();

    public void Dispose() => _file.Dispose();

    private static string By(string app) => $$""" "callers": [{ "claim": "app", "value": "{{app}}" }] """;

    // As JSON.
    private string Seed(string contents, string name = "seed") => $"\"seedFile\": \"{_file.WriteKey(contents, name).Replace('\\', '/')}\"";

    private async Task<IReadOnlyList<string>> FaultsAsync()
    {
        await using var gateway = GatewayUnderTest.Build([.. GatewayUnderTest.Enough[2..], .. _file.Flags]);
        var faults = await gateway.FaultsAsync();
        Assert.DoesNotContain(faults.Concat(gateway.Logs.Lines), line => line.Contains(Digits[..32], StringComparison.OrdinalIgnoreCase));
        return [.. faults.Where(fault => fault.Contains("payers[", StringComparison.Ordinal))];
    }

    private static void AssertOne(IEnumerable<string> faults, string part) =>
        Assert.Single(faults, fault => fault.Contains(part, StringComparison.Ordinal));

    // The keys of these accounts are published, and so a second payer with such a key shows which address a seed has.
    [Fact]
    public async Task Payers_and_senders_have_the_keys_of_their_indexes()
    {
        _file.With("app-a", null, $"{Seed(Digits)}, \"index\": 0, {By("a")}")
            .With("app-b", null, $"{Key("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")} "
                + $"\"senders\": [{{ {Seed("0x" + Digits.ToUpperInvariant() + "\n", "other")}, \"index\": 1, \"count\": 2 }}], {By("b")}")
            .With("app-c", null, $"{Key("59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d")} " + By("c"))
            .With("app-d", null, $"{Key("5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a")} " + By("d"));

        var faults = await FaultsAsync();

        Assert.Equal(3, faults.Count);
        AssertOne(faults, $"payers[1] (app-b): {First} is the address of app-a too");
        AssertOne(faults, $"payers[1] (app-b): senders[0]: {Second} is the address of app-c too");
        AssertOne(faults, $"payers[1] (app-b): senders[0]: {Third} is the address of app-d too");
    }

    [Fact]
    public async Task One_seed_with_other_indexes_has_no_faults()
    {
        _file
            .With(
                "app-a",
                null,
                $"{Seed(Digits)}, \"index\": 0, \"senders\": [{{ {Seed(Digits)}, \"index\": 10, \"count\": 64 }}], {By("a")}")
            .With("app-b", null, $"{Seed(Digits)}, \"index\": 2147483647, {By("b")}");

        Assert.Empty(await FaultsAsync());
    }

    [Theory]
    [InlineData("00112233445566778899aabbccddee")]
    [InlineData("00112233445566778899aabbccddeeff0")]
    [InlineData("not a seed, not a seed, not a seed, not a seed")]
    public async Task A_file_without_a_seed_is_told_once_and_shown_nowhere(string contents)
    {
        _file.With("app-a", null, $"{Seed(contents)}, \"index\": 0, {By("a")}")
            .With("app-b", null, $"{Seed(contents)}, \"index\": 1, {By("b")}");

        var fault = Assert.Single(await FaultsAsync());

        Assert.Contains("payers[0] (app-a): seedFile: what the file holds is not a seed", fault, StringComparison.Ordinal);
        Assert.DoesNotContain(contents, fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""" "seedFile": "missing", "index": 0 """, "payers[0] (app-a): seedFile: there is no such file")]
    [InlineData(""" "seedFile": "missing" """, "payers[0] (app-a): seedFile and index: expected both")]
    [InlineData(""" "index": 3 """, "payers[0] (app-a): seedFile and index: expected both")]
    [InlineData(""" "seedFile": "missing", "index": -1 """, "payers[0] (app-a): index: expected a whole number from 0 to 2147483647")]
    [InlineData(""" "seedFile": "missing", "index": 2147483648 """, "payers[0] (app-a): index: expected a whole number")]
    [InlineData(
        """ "seedFile": "missing", "index": 0, "privateKeyFile": "x" """, "payers[0] (app-a): expected privateKeyFile, keystoreFile with")]
    [InlineData(
        """ "seedFile": "missing", "index": 0, "senders": [{ "seedFile": "missing", "index": 0, "count": 0 }] """,
        "payers[0] (app-a): senders[0]: count: expected a whole number from 1 to 64")]
    [InlineData(
        """ "seedFile": "missing", "index": 0, "senders": [{ "privateKeyFile": "x", "count": 2 }] """,
        "payers[0] (app-a): senders[0]: count: expected seedFile and index")]
    [InlineData(
        """ "seedFile": "missing", "index": 0, "senders": [{ "seedFile": "missing", "index": 2147483647, "count": 2 }] """,
        "payers[0] (app-a): senders[0]: count: expected seedFile and index, and no index above 2147483647")]
    public async Task Members_that_cannot_be_used_are_named_with_their_place(string members, string fault)
    {
        _file.With("app-a", null, $"{members}, {By("a")}");

        AssertOne(await FaultsAsync(), fault);
    }

    private string Key(string key) => $"\"privateKeyFile\": \"{_file.WriteKey(key, $"{key[..4]}.key").Replace('\\', '/')}\",";
}
