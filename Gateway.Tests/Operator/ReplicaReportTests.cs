using System.Text.Json;
using Xmtp.Gateway.Operator.Replicas;

namespace Xmtp.Gateway.Tests.Operator;

/// <summary>The reports that replicas write for each other.</summary>
public sealed class ReplicaReportTests
{
    [Fact]
    public void A_report_is_read_as_it_was_written()
    {
        var report = Report() with
        {
            Checks = [new("redis", 1, null)],
            Nodes = [new(100, "well", 3, 4, Counts("TIMEOUT", 2), new Dictionary<int, long> { [7] = 1 })],
            Chains = [new("app-chain", Counts("timeout", 5))],
            InFlight = 2,
            OldestSeconds = 1.5,
            Messages = 9,
            Fees = "170141183460469231731687303715884105727",
        };

        var text = JsonSerializer.Serialize(report, ReplicaJson.Default.ReplicaReport);

        Assert.StartsWith("""{"id":"1-2","name":"gateway-1:5050","version":"1.0.0",""", text, StringComparison.Ordinal);
        Assert.Equivalent(report, JsonSerializer.Deserialize(text, ReplicaJson.Default.ReplicaReport), strict: true);
    }

    [Fact]
    public void What_a_replica_of_an_earlier_release_does_not_report_has_its_default()
    {
        const string Earlier = """
            {"id":"1-2","name":"gateway-1:5050","version":"1.0.0","started":"2026-11-27T00:00:00+00:00","health":"ready","later":1}
            """;

        Assert.Equivalent(Report(), JsonSerializer.Deserialize(Earlier, ReplicaJson.Default.ReplicaReport), strict: true);
    }

    [Fact]
    public void A_report_without_what_all_releases_report_is_refused() => Assert.Throws<JsonException>(
        () => JsonSerializer.Deserialize("""{"id":"1-2","checks":[]}""", ReplicaJson.Default.ReplicaReport));

    private static Dictionary<string, long> Counts(string kind, long times) => new() { [kind] = times };

    private static ReplicaReport Report() => new()
    {
        Id = "1-2",
        Name = "gateway-1:5050",
        Version = "1.0.0",
        Started = new DateTimeOffset(2026, 11, 27, 0, 0, 0, TimeSpan.Zero),
        Health = "ready",
    };
}
