namespace Xmtp.Gateway.Bench;

/// <summary>Why there are no figures; the message is for the one who ran it.</summary>
internal sealed class BenchFailure(string message) : Exception(message);
