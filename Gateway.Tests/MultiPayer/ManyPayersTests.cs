using System.Text.Json;
using Grpc.Core;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.MultiPayer;

/// <summary>Many payers in one gateway, of which each starts when it is first used.</summary>
public sealed class ManyPayersTests(ManyPayersFixture box) : IClassFixture<ManyPayersFixture>
{
    [Fact]
    public async Task A_payer_starts_with_its_first_call_and_no_other_payer_does()
    {
        Assert.False(await HasStartedAsync("p5"));
        var message = Envelopes.Welcome(1);
        box.AssertSigned(await box.PublishAsync(message, Key("p5")), ManyPayersFixture.SeedOf(5), message);

        Assert.True(await HasStartedAsync("p5"));
        Assert.False(await HasStartedAsync("p6"));
        var metrics = await box.GetAsync("/metrics");
        Assert.Contains("payer=\"p5\"", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("payer=\"p6\"", metrics, StringComparison.Ordinal);
        await box.GiveGasAsync(ManyPayersFixture.SeedOf(5));
        Assert.Equal(StatusCode.OK, (await box.PublishAsync(Envelopes.Commit(1), Key("p5"))).Code);
    }

    [Fact]
    public async Task Calls_at_once_share_one_start()
    {
        var answers = await Task.WhenAll(
            Enumerable.Range(10, 8).Select(seed => box.PublishAsync(Envelopes.Welcome((byte)seed), Key("p7"))));

        Assert.All(answers, answer => Assert.Equal(StatusCode.OK, answer.Code));
        Assert.Single(box.Logs.Lines, line => line.Contains("NonceManager[p7]", StringComparison.Ordinal)
            && line.Contains("opened the nonce store", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_page_of_one_payer_starts_it()
    {
        var page = JsonElement.Parse(await box.GetAsync("/debug/overview?payer=p8"));

        Assert.Equal(
            PayersFileOnDisk.SignerOf(ManyPayersFixture.SeedOf(8)).Address.ToString(), page.GetProperty("payer").GetString());
        Assert.True(await HasStartedAsync("p8"));
    }

    [Theory]
    [InlineData(ManyPayersFixture.Encrypted)]
    [InlineData(ManyPayersFixture.Unnamed)]
    public async Task An_encrypted_key_signs_from_the_first_call_on(int payer)
    {
        var message = Envelopes.Welcome((byte)(20 + payer));

        box.AssertSigned(await box.PublishAsync(message, Key($"p{payer}")), ManyPayersFixture.SeedOf(payer), message);
    }

    [Fact]
    public async Task An_encrypted_key_of_another_address_refuses_the_calls_of_its_payer_alone_until_it_is_mended()
    {
        var name = $"p{ManyPayersFixture.Replaced}";
        box.WriteKeystore(ManyPayersFixture.Replaced, 99);

        Assert.Equal(StatusCode.Unavailable, (await box.PublishAsync(Envelopes.Welcome(30), Key(name))).Code);
        Assert.Equal(StatusCode.OK, (await box.PublishAsync(Envelopes.Welcome(31), Key("p9"))).Code);
        var address = PayersFileOnDisk.SignerOf(ManyPayersFixture.SeedOf(ManyPayersFixture.Replaced)).Address.ToString();
        Assert.Contains(box.Logs.Lines, line => line.Contains($"the payer {name} cannot be started", StringComparison.Ordinal)
            && line.Contains($"expected that of {address}", StringComparison.Ordinal));
        Assert.DoesNotContain(box.Logs.Lines, line => line.Contains(PayersFileOnDisk.KeyOf(99), StringComparison.OrdinalIgnoreCase));

        box.WriteKeystore(ManyPayersFixture.Replaced, ManyPayersFixture.SeedOf(ManyPayersFixture.Replaced));
        await box.EndsWithAsync(StatusCode.OK, name, 32);
    }

    [Fact]
    public async Task A_payer_that_comes_starts_with_its_first_call_and_one_that_nobody_used_leaves()
    {
        box.File.Without("p20").With("p21", ManyPayersFixture.SeedOf(21), ChangingPayersFixture.ByKey("p21"));

        await box.EndsWithAsync(StatusCode.PermissionDenied, "p20", 40);
        await Eventually.IsAsync(async () => (await box.LeavingAsync()).Count == 0, "p20 has left");
        Assert.False(await HasStartedAsync("p21"));
        Assert.Equal(StatusCode.OK, (await box.PublishAsync(Envelopes.Welcome(41), Key("p21"))).Code);
        Assert.True(await HasStartedAsync("p21"));
    }

    [Fact]
    public async Task The_doctor_examines_the_payers_in_use_and_says_how_many_it_did_not()
    {
        Assert.Equal(StatusCode.OK, (await box.PublishAsync(Envelopes.Welcome(50), Key("p10"))).Code);

        var report = JsonElement.Parse(await box.GetAsync("/debug/doctor")).GetProperty("checks").EnumerateArray()
            .Select(check => check.GetProperty("name").GetString()).ToList();
        Assert.Contains("p10 gas", report);
        Assert.DoesNotContain("p11 gas", report);
        Assert.Contains("other payers", report);
    }

    private static (string, string) Key(string payer) => ChangingPayersFixture.KeyOf(payer);

    private async Task<bool> HasStartedAsync(string payer) => (await box.OverviewAsync()).GetProperty("payers").EnumerateArray()
        .Single(one => one.GetProperty("name").GetString() == payer).GetProperty("started").GetBoolean();
}
