using System.Globalization;
using System.Text.Json;
using Grpc.Core;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.MultiPayer;

/// <summary>Keys that change at a date, in front of real nodes and a real chain; the date of the gateway's clock is moved.</summary>
public sealed class RotatingPayersTests(ChangingPayersFixture box) : IClassFixture<ChangingPayersFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_changes_at_its_date_while_the_old_one_finishes()
    {
        var date = Rotate("turns", 61, 62);
        await box.EndsWithAsync(StatusCode.OK, "turns", 1);
        await box.GiveGasAsync(61);
        await box.GiveGasAsync(62);
        await Eventually.IsAsync(
            async () => (await ShownAsync("coming", "turns")).ValueKind == JsonValueKind.Object, "the page shows the coming key");
        var (payer, coming) = (await ShownAsync("payers", "turns"), await ShownAsync("coming", "turns"));
        Assert.Equal((AddressOf(61), date), (Text(payer, "address"), Text(payer, "until")));
        Assert.Equal((AddressOf(62), date), (Text(coming, "address"), Text(coming, "from")));
        await box.Network.Chain.SetAutomineAsync(false, Cancel);
        var old = box.PublishAsync(Envelopes.Commit(1), Key("turns"));
        await Eventually.IsAsync(async () => await NonceAsync(61, BlockTag.Pending) == 1, "the old key sends");

        box.Clock.Move(TimeSpan.FromHours(2));
        await Eventually.IsAsync(async () => (await box.LeavingAsync()).Contains("turns"), "the old key finishes");
        var message = Envelopes.Welcome(2);
        box.AssertSigned(await box.PublishAsync(message, Key("turns")), 62, message);
        var later = box.PublishAsync(Envelopes.Commit(2), Key("turns"));
        await Eventually.IsAsync(async () => await NonceAsync(62, BlockTag.Pending) == 1, "the new key sends");
        Assert.False(old.IsCompleted);
        await box.Network.Chain.SetAutomineAsync(true, Cancel);
        await box.Network.Chain.MineAsync(1, Cancel);

        Assert.Equal((StatusCode.OK, StatusCode.OK), ((await old).Code, (await later).Code));
        Assert.Equal((1ul, 1ul), (await NonceAsync(61, BlockTag.Latest), await NonceAsync(62, BlockTag.Latest)));
        await Eventually.IsAsync(async () => !(await box.LeavingAsync()).Contains("turns"), "the old key has left");
        payer = await ShownAsync("payers", "turns");
        Assert.Equal((AddressOf(62), date, null), (Text(payer, "address"), Text(payer, "from"), Text(payer, "until")));
        await Eventually.IsAsync(
            async () => (await ShownAsync("coming", "turns")).ValueKind == JsonValueKind.Undefined, "nothing is to come");
        Assert.Contains(box.Logs.Lines, line => line.Contains(
            $"the payer turns has changed over at its date: {AddressOf(62)} pays now, until the file changes", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_key_changes_at_its_date_also_while_the_file_on_disk_is_broken()
    {
        Rotate("holds", 63, 64);
        await box.EndsWithAsync(StatusCode.OK, "holds", 10);
        box.File.Containing("{");
        await box.HasFaultAsync("the file is not JSON");

        box.Clock.Move(TimeSpan.FromHours(2));
        await Eventually.IsAsync(
            async () => Text(await ShownAsync("payers", "holds"), "address") == AddressOf(64), "the new key is in force");
        var message = Envelopes.Welcome(11);
        box.AssertSigned(await box.PublishAsync(message, Key("holds")), 64, message);
        Assert.Contains(await box.FaultsAsync(), fault => fault.Contains("the file is not JSON", StringComparison.Ordinal));
        box.File.Restored();
        await Eventually.IsAsync(async () => (await box.FaultsAsync()).Count == 0, "the file is as before");
    }

    [Fact]
    public async Task The_wallet_of_a_coming_date_is_examined_and_warned_of_before_that_date()
    {
        var date = DateTimeOffset.Parse(Rotate("soon", 65, 66), CultureInfo.InvariantCulture).ToString("u", CultureInfo.InvariantCulture);

        await Eventually.IsAsync(
            () => box.Logs.Lines.Any(line => line.Contains(
                $"the gas fund of {AddressOf(66)}, which pays for soon from {date} on, is Empty", StringComparison.Ordinal)),
            "the log warns");
        Assert.Equal("empty", Text((await ShownAsync("coming", "soon")).GetProperty("gas"), "level"));
        var checks = await ExamineAsync();
        Assert.Equal(("ok", "ok"), (checks["soon key"], checks[$"soon from {date} key"]));
        Assert.Equal("warning", checks[$"soon from {date} payer balance"]);
        Assert.Equal("warning", checks[$"soon from {date} gas"]);
    }

    [Fact]
    public async Task A_coming_key_that_is_a_nodes_is_refused_when_the_file_comes()
    {
        var date = Date(box.Clock.GetUtcNow().AddHours(1));
        box.File.With("node", 67, ChangingPayersFixture.ByKey("node", $"\"until\": \"{date}\","))
            .With("node", null, ChangingPayersFixture.ByKey("node", $"\"from\": \"{date}\","));

        await box.HasFaultAsync("is the key of node");

        box.File.Without("node", 67).Without("node");
        await Eventually.IsAsync(async () => (await box.FaultsAsync()).Count == 0, "the file is as before");
    }

    // Adds a payer whose key changes in an hour, and answers when.
    private string Rotate(string payer, byte seed, byte next)
    {
        var date = Date(box.Clock.GetUtcNow().AddHours(1));
        box.File.With(payer, seed, ChangingPayersFixture.ByKey(payer, $"\"until\": \"{date}\","))
            .With(payer, next, ChangingPayersFixture.ByKey(payer, $"\"from\": \"{date}\","));
        return date;
    }

    private static string Date(DateTimeOffset date) => date.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string AddressOf(byte seed) => PayersFileOnDisk.SignerOf(seed).Address.ToString();

    private static string? Text(JsonElement element, string member) => element.GetProperty(member).GetString();

    // What the page lists under this name; undefined when nothing.
    private async Task<JsonElement> ShownAsync(string list, string payer) =>
        (await box.OverviewAsync()).GetProperty(list).EnumerateArray().FirstOrDefault(one => Text(one, "name") == payer);

    private async Task<Dictionary<string, string?>> ExamineAsync() => JsonElement.Parse(await box.GetAsync("/debug/doctor"))
        .GetProperty("checks").EnumerateArray().ToDictionary(check => Text(check, "name")!, check => Text(check, "status"));

    private static (string, string) Key(string payer) => ChangingPayersFixture.KeyOf(payer);

    private async Task<ulong> NonceAsync(byte seed, BlockTag at) =>
        (await box.Network.Chain.Rpc.GetTransactionCountAsync(PayersFileOnDisk.SignerOf(seed).Address, at, Cancel)).OrThrow();
}
