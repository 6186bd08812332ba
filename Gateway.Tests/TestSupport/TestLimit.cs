using System.Collections.Concurrent;
using System.Reflection;
using Xmtp.Gateway.Tests.TestSupport;
using Xunit.v3;

[assembly: EveryTestEnds]

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>Every test has an end: <see cref="TestLimit"/> over all tests of the assembly.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class EveryTestEndsAttribute : BeforeAfterTestAttribute
{
    private static readonly TestLimit Limit = new(TimeProvider.System, Environment.FailFast);

    public override void Before(MethodInfo methodUnderTest, IXunitTest test) =>
        Limit.Begin(test.UniqueID, test.TestDisplayName, TestContext.Current.CancelCurrentTest);

    public override void After(MethodInfo methodUnderTest, IXunitTest test) => Limit.End(test.UniqueID);
}

/// <summary>Cancels a test that takes too long, and ends the whole run with the test's name when the test does not heed that.</summary>
/// <param name="time">The clock.</param>
/// <param name="endRun">Ends the process, with a text that says why.</param>
internal sealed class TestLimit(TimeProvider time, Action<string> endRun)
{
    /// <summary>How long a test may take. The slowest take 2 minutes on a free machine.</summary>
    public static readonly TimeSpan Max = TimeSpan.FromMinutes(15);

    /// <summary>How long a test that was cancelled may take to end.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<string, ITimer> _running = new();

    /// <summary>A test begins.</summary>
    public void Begin(string id, string name, Action cancel)
    {
        var isCancelled = false;
        _running[id] = time.CreateTimer(
            _ =>
            {
                if (isCancelled) endRun($"{name} did not end within {Max + Grace}, and not when it was cancelled after {Max}.");
                isCancelled = true;
                cancel();
            },
            null, Max, Grace);
    }

    /// <summary>A test has ended.</summary>
    public void End(string id)
    {
        if (_running.TryRemove(id, out var timer)) timer.Dispose();
    }
}
