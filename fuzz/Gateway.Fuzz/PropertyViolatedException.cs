namespace Xmtp.Gateway.Fuzz;

/// <summary>What a target states does not hold for an input.</summary>
public sealed class PropertyViolatedException(string property) : Exception(property);
