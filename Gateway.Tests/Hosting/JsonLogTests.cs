using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Hosting;

/// <summary>With <c>--log.log-encoding=json</c> the log has the keys and the level names of the original.</summary>
public sealed class JsonLogTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lines_are_JSON_with_the_original_s_keys_and_a_failed_call_has_its_fields()
    {
        await using var gateway = GatewayProcess.Start(
        [
            "--payer.private-key",
            GatewayUnderTest.Key,
            "--contracts.environment=anvil",
            $"--contracts.app-chain.rpc-url={chain.Anvil.HttpUrl}",
            $"--contracts.settlement-chain.rpc-url={chain.Anvil.HttpUrl}",
            "--api.port=0", "--api.http-port=0", "--api.bind-address=127.0.0.1", "--api.shutdown-delay=0", "--log.log-encoding=json",
        ]);
        using var started = JsonDocument.Parse(await gateway.ReadUntilAsync("started api server:"));
        Assert.Equal(["level", "time", "logger", "caller", "message", "event_id"], Names(started).Take(6));
        Assert.Equal("INFO", started.RootElement.GetProperty("level").GetString());
        Assert.True(DateTimeOffset.TryParseExact(
            started.RootElement.GetProperty("time").GetString(),
            "yyyy-MM-ddTHH:mm:ss.fff'Z'",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out _));

        using var http = new HttpClient();
        using var body = new StringContent("{\"envelopes\":7}", System.Text.Encoding.UTF8, "application/json");
        await http.PostAsync(
            new Uri($"http://{started.RootElement.GetProperty("http").GetString()}/xmtp.xmtpv4.payer_api.PayerApi/PublishClientEnvelopes"),
            body,
            Cancel);
        using var failed = JsonDocument.Parse(await gateway.ReadUntilAsync("client unary RPC error"));
        Assert.Equal("WARN", failed.RootElement.GetProperty("level").GetString());
        Assert.Equal("/xmtp.xmtpv4.payer_api.PayerApi/PublishClientEnvelopes", failed.RootElement.GetProperty("method").GetString());
        Assert.Equal("invalid_argument", failed.RootElement.GetProperty("code").GetString());
        Assert.Equal("address", failed.RootElement.GetProperty("identity_kind").GetString());
        Assert.Equal(JsonValueKind.Number, failed.RootElement.GetProperty("duration_ms").ValueKind);
        Assert.Equal(0, failed.RootElement.GetProperty("suppressed").GetInt64());
    }

    [Fact]
    public void A_name_that_is_taken_gets_a_suffix_and_an_exception_is_an_error_with_its_stack()
    {
        using var entry = Format(
            LogLevel.Critical,
            new EventId(7, "StoreBroke"),
            [new("Message", "m"), new("Level", 3), new("Error", "first"), new("None", null), new("NodeId", 100u), new("Ratio", double.NaN)],
            new InvalidOperationException("second"));
        var root = entry.RootElement;
        Assert.Equal("FATAL", root.GetProperty("level").GetString());
        Assert.Equal("StoreBroke", root.GetProperty("caller").GetString());
        Assert.Equal(3, root.GetProperty("level_2").GetInt32());
        Assert.Equal("m", root.GetProperty("message_2").GetString());
        Assert.Equal("first", root.GetProperty("error").GetString());
        Assert.Equal("second", root.GetProperty("error_2").GetString());
        Assert.StartsWith("System.InvalidOperationException: second", root.GetProperty("stacktrace").GetString(), StringComparison.Ordinal);
        Assert.Equal(100, root.GetProperty("node_id").GetInt32());
        Assert.Equal("NaN", root.GetProperty("ratio").GetString());
        Assert.False(root.TryGetProperty("none", out _));
    }

    [Theory]
    [InlineData(LogLevel.Trace, "DEBUG")]
    [InlineData(LogLevel.Debug, "DEBUG")]
    [InlineData(LogLevel.Information, "INFO")]
    [InlineData(LogLevel.Warning, "WARN")]
    [InlineData(LogLevel.Error, "ERROR")]
    [InlineData(LogLevel.Critical, "FATAL")]
    public void Levels_are_those_of_the_original(LogLevel level, string name)
    {
        using var entry = Format(level, default, [], null);
        Assert.Equal(name, entry.RootElement.GetProperty("level").GetString());
        Assert.Equal("a text\nof two lines", entry.RootElement.GetProperty("message").GetString());
    }

    private static JsonDocument Format(LogLevel level, EventId id, List<KeyValuePair<string, object?>> state, Exception? exception)
    {
        using var output = new StringWriter();
        var entry = new LogEntry<IReadOnlyList<KeyValuePair<string, object?>>>(
            level, "Xmtp.Gateway", id, state, exception, (_, _) => "a text\nof two lines");
        new JsonLogFormatter(TimeProvider.System).Write(entry, null, output);
        var line = output.ToString();
        Assert.Equal(1, line.Count(character => character == '\n'));
        return JsonDocument.Parse(line);
    }

    private static IEnumerable<string> Names(JsonDocument entry) => entry.RootElement.EnumerateObject().Select(member => member.Name);
}
