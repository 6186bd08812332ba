using Microsoft.Extensions.Time.Testing;

namespace Xmtp.Gateway.Tests.TestSupport;

public class TestLimitTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _ended = [];
    private int _cancelled;

    private TestLimit Limit => new(_time, _ended.Add);

    [Fact]
    public void A_test_that_exceeds_its_timeout_is_cancelled_and_one_that_ignores_it_ends_the_run_with_its_name()
    {
        Limit.Begin("1", "Some.Test", () => _cancelled++);
        _time.Advance(TestLimit.Max - TimeSpan.FromSeconds(1));
        Assert.Equal(0, _cancelled);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, _cancelled);
        Assert.Empty(_ended);
        _time.Advance(TestLimit.Grace);
        Assert.Contains("Some.Test", Assert.Single(_ended), StringComparison.Ordinal);
    }

    [Fact]
    public void A_test_that_ended_is_not_cancelled()
    {
        var limit = Limit;
        limit.Begin("1", "Some.Test", () => _cancelled++);
        limit.End("1");
        _time.Advance(2 * (TestLimit.Max + TestLimit.Grace));
        Assert.Equal(0, _cancelled);
        Assert.Empty(_ended);
    }

    [Fact]
    public void The_journal_names_the_test_that_runs()
    {
        using var file = new FileStream(TestJournal.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        var name = TestContext.Current.Test!.TestDisplayName;
        var lines = reader.ReadToEnd().Split('\n', StringSplitOptions.TrimEntries);
        Assert.Contains($"begin {name}", lines);
        Assert.DoesNotContain($"end {name}", lines);
    }

    [Fact]
    public async Task The_limit_is_in_force_for_this_very_test()
    {
        var token = TestContext.Current.CancellationToken;
        Assert.Single(typeof(TestLimitTests).Assembly.GetCustomAttributes(typeof(EveryTestEndsAttribute), false));
        Assert.True(token.CanBeCanceled);
        await using var process = TestProcess.Start("dotnet", "--version");
        Assert.Equal(0, await process.WaitAsync());
    }
}
