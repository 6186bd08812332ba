namespace Xmtp.Gateway.DevNet.Chain;

/// <summary>The local chain is not available; the message says what to do.</summary>
public sealed class AnvilException(string message, Exception? inner = null) : Exception(message, inner);
