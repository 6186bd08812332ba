namespace Xmtp.Gateway.Bench;

/// <summary>A word that the benchmark program understands: a measurement, or one of the processes that it starts.</summary>
internal interface IBenchCommand
{
    /// <summary>The word.</summary>
    string Name { get; }

    /// <summary>What it does, in one line; null for the processes that only measurements start.</summary>
    string? Summary { get; }

    /// <summary>Runs it.</summary>
    /// <returns>The exit code.</returns>
    Task<int> RunAsync(string[] args, CancellationToken cancellationToken);
}
