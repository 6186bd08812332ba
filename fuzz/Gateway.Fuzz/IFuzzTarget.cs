namespace Xmtp.Gateway.Fuzz;

/// <summary>A parser of foreign bytes, and what has to hold for every input.</summary>
public interface IFuzzTarget
{
    /// <summary>The word on the command line, and the folder of its corpus.</summary>
    string Name { get; }

    /// <summary>What it reads, in one line.</summary>
    string Summary { get; }

    /// <summary>The inputs that its corpus begins with, by the name of their file.</summary>
    IEnumerable<(string Name, byte[] Input)> Seeds { get; }

    /// <summary>Words of its language, which a fuzzer would find late.</summary>
    IEnumerable<string> Words => [];

    /// <summary>Reads an input, and compares the result with another reader's where there is one.</summary>
    /// <exception cref="PropertyViolatedException">A property does not hold. Any other exception is a fault too.</exception>
    void Run(byte[] input);
}
