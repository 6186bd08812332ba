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
    private static readonly TestJournal Journal = new(TestJournal.Path);
    private static readonly TestLimit Limit = new(TimeProvider.System, EndRun);

    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        Journal.Begin(test.TestDisplayName);
        Limit.Begin(test.UniqueID, test.TestDisplayName, TestContext.Current.CancelCurrentTest);
    }

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        Limit.End(test.UniqueID);
        Journal.End(test.TestDisplayName);
    }

    // `dotnet test` does not show what a process writes that ends like this: the journal does.
    private static void EndRun(string reason)
    {
        Journal.Note(reason);
        Environment.FailFast(reason);
    }
}

/// <summary>
/// The tests that began and ended, in a file beside the assembly: when the process ends by itself, by a crash or by
/// <see cref="TestLimit"/>, those without an end were running.
/// </summary>
internal sealed class TestJournal
{
    private readonly Lock _gate = new();
    private readonly string _path;

    public TestJournal(string path)
    {
        _path = path;
        File.WriteAllText(path, string.Empty);
    }

    /// <summary>The file of this assembly. Each run writes it anew.</summary>
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "test-journal.txt");

    /// <summary>A test begins.</summary>
    public void Begin(string name) => Write("begin", name);

    /// <summary>A test has ended.</summary>
    public void End(string name) => Write("end", name);

    /// <summary>Why the run ends.</summary>
    public void Note(string reason) => Write("note", reason);

    private void Write(string what, string text)
    {
        lock (_gate) File.AppendAllText(_path, $"{what} {text.ReplaceLineEndings(" ")}\n");
    }
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
