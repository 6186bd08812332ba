namespace Xmtp.Gateway.Fuzz;

/// <summary>Runs a target on an input, with bounds for all targets.</summary>
public static class FuzzRun
{
    /// <summary>Larger inputs are skipped: what grows faster than the input shows below it, in bytes.</summary>
    public const int MaxInput = 64 * 1024;

    // The first use of a type, such as a regular expression, takes a few MiB once.
    private const long FreeBytes = 16L << 20;
    private const long BytesPerByte = 2_000;

    /// <summary>The processor time that an input may take.</summary>
    public static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(2);

    /// <summary>Runs a target.</summary>
    /// <param name="target">The target.</param>
    /// <param name="input">The input.</param>
    /// <param name="isTimed">Whether the processor time is bounded too, which only a process that does nothing else can tell.</param>
    /// <exception cref="PropertyViolatedException">A property does not hold. Any other exception is a fault too.</exception>
    public static void Check(IFuzzTarget target, byte[] input, bool isTimed = false)
    {
        if (input.Length > MaxInput) return;
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var began = isTimed ? Environment.CpuUsage.TotalTime : TimeSpan.Zero;
        target.Run(input);
        var took = isTimed ? Environment.CpuUsage.TotalTime - began : TimeSpan.Zero;
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        Expect.That(allocated <= FreeBytes + (BytesPerByte * input.Length), $"{allocated} bytes were allocated for {input.Length}");
        Expect.That(took <= MaxTime, $"{took.TotalSeconds:0.#} s of processor time for {input.Length} bytes");
    }
}
