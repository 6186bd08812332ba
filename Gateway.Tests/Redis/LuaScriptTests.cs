using System.Reflection;
using System.Text.RegularExpressions;
using StackExchange.Redis;
using Xmtp.Gateway.ChainWatcher.Checkpoints;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Redis;
using Xmtp.Gateway.Tests.TestSupport;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Tests.Redis;

/// <summary>Every .lua file that the assemblies carry is a script that Redis takes and runs.</summary>
public sealed partial class LuaScriptTests(RedisServerFixture redis) : IClassFixture<RedisServerFixture>
{
    private static readonly string[] Nonces = ["{n}b", "{n}t", "{n}m"];

    // In an order in which each has something to do: its file, its keys, its arguments, and the first word of its answer: null for any.
    private static readonly (string File, string[] Keys, string[] Arguments, string? Answer)[] Runs =
    [
        ("Transactions.Nonces.open", Nonces, [
            "life", "0x01", "5", "5", "0", "0", RedisScripts.Layout, "7", "s", "lost", "P:0x07:2:1", "raw",
        ], "done"),
        ("Transactions.Nonces.reserve", Nonces, ["life", "me", "60000", "2", "", "32", "0"], "done"),
        ("Transactions.Nonces.renew", Nonces, ["life", "60000", "5", "me", "6", "me"], "done"),
        ("Transactions.Nonces.sign", Nonces, ["life", "5", "me", "60000", "0x05", "P:0x05:2:1:0x99", "raw", "0x99"], "done"),
        ("Transactions.Nonces.refuse", Nonces, ["life", "5", "me"], "done"),
        ("Transactions.Nonces.release", Nonces, ["life", "6", "me"], "done"),
        ("Transactions.Nonces.broadcast", Nonces, ["life", "7", "lost"], "done"),
        ("Transactions.Nonces.adopt", Nonces, ["life", "successor", "60000", "32"], "done"),
        ("Transactions.Nonces.list", Nonces, ["life"], "done"),
        ("Transactions.Nonces.doubt", Nonces[..2], ["0"], "0"),
        ("Transactions.Nonces.finish", Nonces, ["life", "7", "1", "256", "successor"], "done"),
        ("Transactions.Nonces.observe", Nonces, ["life", "6", "7", "60000", "256"], "done"),
        ("Transactions.Nonces.restore", Nonces, ["life", "7", "256"], "done"),
        ("Redis.probe", ["probe"], ["1000"], null),
        ("Redis.layout", ["layouts"], ["results", "1"], ""),
        ("ChainWatcher.Checkpoints.acquire", ["lease"], ["me", "60000"], "1"),
        ("ChainWatcher.Checkpoints.save", ["lease", "value"], ["me", "1", "{}"], "1"),
        ("ChainWatcher.Checkpoints.release", ["lease"], ["me"], "1"),
        ("Idempotency.claim", ["e"], ["60000", "cme"], "1"),
        ("Idempotency.renew", ["e"], ["60000", "cme"], "1"),
        ("Idempotency.release", ["e"], ["cme"], "1"),
        ("Idempotency.seize", ["e"], ["cme", "60000"], "m"),
        ("Idempotency.publish", ["e"], ["60000", "danswer"], "1"),
        (
            "Authorization.Limits.take",
            ["rate", "spend"],
            ["r", "10", "1000", "10", "11", "d", "95", "5", "", "", "2 1 1 9 2 5 95 1 1 10 0 "],
            "0"),
        ("Authorization.Limits.refund", ["rate", "spend"], ["r", "10", "1000", "10", "1", "d", "100", "5", "0", "0", "1"], "done"),
        ("Authorization.Limits.raise", ["spend"], ["m", "50"], "done"),
        ("Costs.Usage.save", ["{u}day", "{u}days", "{u}last"], ["1", "2026-01-02", "2025-10-05", "60000", "1000", "m", "user:1", "2"], "1"),
        ("Costs.Funds.record", ["funds"], ["168", "60000", "p", "-5", "g", "7"], "1"),
        ("Operator.Replicas.beat", ["replicas"], ["60000", "me", "report"], "report"),
        ("AppChain.InFlight.enter", ["accounts"], ["0xaa"], "1"),
        ("AppChain.InFlight.list", ["accounts"], [], null),
        ("AppChain.InFlight.leave", ["accounts"], ["0xaa", "1"], "1"),
        ("AppChain.Senders.take", ["{s}", "{s}t"], ["0", "60000", "60000", "life", "0", "1", "0x01.me.0", "0", "0xaa", "0xbb"], "done"),
        ("AppChain.Senders.keep", ["{s}", "{s}t"], ["0", "60000", "60000", "new", "life", "1", "0xbb", "0xaa", "0x01.me.0"], "done"),
        ("AppChain.Senders.end", ["{s}t"], ["0x01.me.0"], "1"),
        ("AppChain.Senders.Funding.take", ["f"], ["me", "60000", "60000"], "done"),
        ("AppChain.Senders.Funding.spend", ["f"], ["me", "60000", "60000", "0xaa", "1000", "40", "30", "100"], "done"),
        ("AppChain.Senders.Funding.read", ["f"], [], "40"),
        ("AppChain.Senders.Funding.refund", ["f"], ["40", "0", "0xaa"], "done"),
        ("AppChain.Senders.Funding.release", ["f"], ["me"], "done"),
        ("Authorization.Limits.correct", ["spend", "spend"], ["m", "+", "5", "m", "-", "3"], "done"),
    ];

    [Fact]
    public async Task Every_embedded_script_runs_in_Redis()
    {
        var files = AllFiles().ToDictionary(file => file.Name, file => file.Text);
        Assert.Equal(
            files.Keys.Where(name => !name.EndsWith(".common", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
            Runs.Select(run => run.File).Order(StringComparer.Ordinal));
        await using var connection = await redis.Server.ConnectAsync();
        foreach (var (file, keys, arguments, answer) in Runs)
        {
            var script = files.GetValueOrDefault(file[..file.LastIndexOf('.')] + ".common") + files[file];
            var result = await connection.GetDatabase()
                .ScriptEvaluateAsync(
                    script, [.. keys.Select(key => (RedisKey)key)], [.. arguments.Select(argument => (RedisValue)argument)]);
            var first = result.Length switch { < 0 => result.ToString(), 0 => "", _ => result[0].ToString() };
            Assert.Equal((file, answer ?? first), (file, first));
        }
    }

    [Fact]
    public void The_probe_runs_each_command_that_a_script_runs()
    {
        var files = AllFiles().ToList();
        var probed = CommandsOf(files.Single(file => file.Name == "Redis.probe").Text);
        Assert.Empty(files.SelectMany(file => CommandsOf(file.Text)).Except(probed));
    }

    private static IEnumerable<string> CommandsOf(string script) =>
        Command().Matches(script).Select(found => found.Groups[1].Value).Distinct();

    [GeneratedRegex(@"redis\.p?call\('([A-Z]+)'")]
    private static partial Regex Command();

    private static IEnumerable<(string Name, string Text)> AllFiles() =>
        FilesOf(typeof(INonceStore).Assembly)
            .Concat(FilesOf(typeof(IdempotencyOptions).Assembly))
            .Concat(FilesOf(typeof(RedisConnection).Assembly))
            .Concat(FilesOf(typeof(IWatcherStore).Assembly));

    private static IEnumerable<(string Name, string Text)> FilesOf(Assembly assembly)
    {
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.EndsWith(".lua", StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return (name["Xmtp.Gateway.".Length..^".lua".Length], reader.ReadToEnd());
        }
    }
}
