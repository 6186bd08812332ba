using Xmtp.Gateway.Tests.Hosting;

namespace Xmtp.Gateway.Tests.MultiPayer;

/// <summary>What a payers file may not say of senders.</summary>
public sealed class SendersFileTests
{
    private const string ByClaim = """ "callers": [{ "claim": "app", "value": "a" }] """;

    private static async Task<IReadOnlyList<string>> FaultsAsync(PayersFileOnDisk file)
    {
        await using var gateway = GatewayUnderTest.Build([.. GatewayUnderTest.Enough[2..], .. file.Flags]);
        return await gateway.FaultsAsync();
    }

    private static void AssertOne(IEnumerable<string> faults, string part) =>
        Assert.Contains(faults, fault => fault.Contains(part, StringComparison.Ordinal));

    [Theory]
    [InlineData("[]", "payers[0] (app-a): senders: expected a list of 1 to 64 keys")]
    [InlineData("{}", "payers[0] (app-a): senders: expected a list")]
    [InlineData("[{}]", "payers[0] (app-a): senders[0]: expected privateKeyFile, keystoreFile with keystorePasswordFile, or seedFile")]
    [InlineData("""[{ "keystoreFile": "x" }]""", "senders[0]: keystoreFile and keystorePasswordFile: expected both")]
    [InlineData("""[{ "privateKeyFile": "missing.key" }]""", "senders[0]: privateKeyFile: there is no such file")]
    [InlineData("""[{ "privateKey": "secret" }]""", "senders[0]: \"privateKey\" is not known here; expected privateKeyFile")]
    public async Task A_sender_that_cannot_be_used_is_named_with_its_place(string senders, string fault)
    {
        using var file = new PayersFileOnDisk().With("app-a", 1, $""" "senders": {senders}, {ByClaim} """);

        var faults = await FaultsAsync(file);

        AssertOne(faults, fault);
        Assert.DoesNotContain(faults, one => one.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Senders_beside_dates_are_a_fault()
    {
        using var file = new PayersFileOnDisk();
        file.With("app-a", 1, $$""" "until": "2030-01-01T00:00:00Z", {{file.Senders(3)}} {{ByClaim}} """)
            .With("app-a", 2, $$""" "from": "2030-01-01T00:00:00Z", {{file.Senders(3)}} {{ByClaim}} """);

        AssertOne(await FaultsAsync(file), "payers[0] (app-a): senders: expected none beside from and until");
    }

    [Fact]
    public async Task An_account_that_pays_or_sends_twice_is_a_fault()
    {
        using var file = new PayersFileOnDisk();
        file.With("app-a", 1, $"{file.Senders(3, 4, 3)} {ByClaim}")
            .With("app-b", 2, $$""" {{file.Senders(1, 4)}} "callers": [{ "claim": "app", "value": "b" }] """);

        var faults = await FaultsAsync(file);

        AssertOne(faults, $"payers[0] (app-a): senders[2]: {PayersFileOnDisk.SignerOf(3).Address} is the address of a sender of app-a too");
        AssertOne(faults, $"payers[1] (app-b): senders[0]: {PayersFileOnDisk.SignerOf(1).Address} is the address of app-a too");
        AssertOne(faults, $"payers[1] (app-b): senders[1]: {PayersFileOnDisk.SignerOf(4).Address} is the address of a sender of app-a too");
    }
}
